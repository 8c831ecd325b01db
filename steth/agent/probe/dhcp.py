# SPDX-License-Identifier: Apache-2.0
"""``probe.dhcp``: which DHCP servers answer."""

import msgspec

from steth.agent.privileged import dhcp as privileged_dhcp
from steth.agent.probe import privilege
from steth.model import dhcp as dhcp_model
from steth.rpc import requests

NAME = "probe.dhcp"
#: Messages per second: each makes servers look for a free address.
_RATE = 100


def probe(
    request: requests.ProbeDhcp,
    max_packet_rate: int,
    cancelled: privilege.Signal | None = None,
) -> dhcp_model.DhcpReport:
    """Ask for servers on all places of a request, and say who answers.

    :param max_packet_rate: packets per second that this agent sends at most
    :param cancelled: once it is set, the probe ends within half a second
    :raises errors.OperationError: ``failed`` when an interface cannot be
        used, or the agent was told to end
    """
    found = privilege.run(
        NAME,
        ", ".join(one.interface for one in request.places),
        "packet",
        lambda token, agent: privileged_dhcp.run(
            msgspec.to_builtins(request),
            min(_RATE, max_packet_rate),
            token,
            agent,
        ),
        cancelled,
    )
    return msgspec.convert(found, dhcp_model.DhcpReport)
