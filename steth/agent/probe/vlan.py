# SPDX-License-Identifier: Apache-2.0
"""``probe.vlan_listen``, ``probe.vlan_send`` and ``probe.vlan_heard``."""

import os

import msgspec

from steth.agent.privileged import vlan as privileged_vlan
from steth.agent.probe import privilege
from steth.agent.probe import sending
from steth.model import vlan as vlan_model
from steth.rpc import errors
from steth.rpc import requests


def listen(request: requests.VlanListen) -> vlan_model.VlanListening:
    """Begin to listen; return when frames are not missed any more.

    :raises errors.OperationError: ``failed`` when the interface cannot be
        listened on, ``busy`` when too many runs are
    """
    begun = privilege.call(
        "probe.vlan_listen",
        request.interface,
        "packet",
        lambda: privileged_vlan.listen(
            msgspec.to_builtins(request), os.getpid()
        ),
    )
    if not begun:
        raise errors.OperationError(
            errors.ErrorCode.BUSY,
            f"probe.vlan_listen: {privileged_vlan.MAX_LISTENERS} runs are "
            f"listening, as many as the agent allows; ask again later",
        )
    return vlan_model.VlanListening(seconds=request.seconds)


def send(
    request: requests.VlanSend,
    max_packet_rate: int,
    cancelled: privilege.Signal,
) -> vlan_model.VlanSent:
    """Send the frames of a request.

    :param max_packet_rate: frames per second that this agent sends at most
    :param cancelled: once it is set, the sending ends within half a second
    :raises errors.OperationError: ``bad-argument`` when this agent's pace
        would take it beyond the ceiling in seconds; ``failed`` when the
        interface is not there, or the agent was told to end
    """
    rate = min(request.rate, max_packet_rate)
    frames = len(request.ids) * request.rounds
    if frames / rate > requests.MAX_VLAN_SECONDS:
        raise errors.OperationError(
            errors.ErrorCode.BAD_ARGUMENT,
            f"rounds: at this agent's pace of {max_packet_rate} packets per "
            f"second (max_packet_rate in its configuration) it would take "
            f"{frames / rate:.0f} s, at most "
            f"{requests.MAX_VLAN_SECONDS:.0f} s are allowed",
            "rounds",
        )
    part = max(1, int(rate * sending.PART))
    arguments = msgspec.to_builtins(request)

    def send_from(first: int) -> tuple[int, int, str | None]:
        done, refused, reason = privilege.call(
            "probe.vlan_send",
            request.interface,
            "packet",
            lambda: privileged_vlan.send(arguments, first, part, rate),
        )
        return done, refused, reason

    sent = sending.send(
        "probe.vlan_send", frames, 1 / rate, send_from, cancelled
    )
    return vlan_model.VlanSent(
        sent=sent.sent,
        refused=sent.refused,
        reason=sent.reason,
        duration=sent.duration,
    )


def heard(request: requests.VlanHeard) -> vlan_model.VlanReport:
    """End the listening of a run and return what was heard.

    :raises errors.OperationError: ``failed`` when the run is not known, or
        not any more
    """
    found = privilege.call(
        "probe.vlan_heard",
        "",
        "packet",
        lambda: privileged_vlan.heard(request.run),
    )
    if found is None:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            "probe.vlan_heard: nothing listens for this run: it began on "
            "another agent process, or its time is long over",
        )
    return msgspec.convert(found, vlan_model.VlanReport)
