# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.dhcp`` that needs packet sockets."""

import contextlib
import secrets
import time
from typing import Any

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import frames
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.agent.probe import dhcp_message
from steth.agent.probe import filters
from steth.model import dhcp
from steth.rpc import requests

#: Of a frame in the ring: holds a whole message.
_SIZE = 2048
#: So many answers that differ are kept: more servers than these are a flood.
_MOST = 256


@contexts.probe.entrypoint
def run(
    arguments: dict[str, Any], max_rate: int, token: int, agent: int
) -> Any:
    """Send the messages of one request and note who answers.

    :param arguments: a ``ProbeDhcp`` as plain data
    :param max_rate: messages per second
    :param token: a number by which ``stopping.cancel`` finds this probe
    :param agent: the process id of the agent; with it the probe ends
    :returns: a ``DhcpReport`` as plain data; None when it was cancelled
    """
    request = msgspec.convert(arguments, requests.ProbeDhcp)
    if not 1 <= max_rate <= frames.MAX_RATE:
        raise ValueError(f"max_rate: {max_rate} is not allowed")
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        stops = stopping.stops(token, agent, stack)
        notes = _Notes(request.run)
        program = filters.dhcp_answers(request.run)
        ports = {
            place.interface: frames.Port(
                place.interface, program, _SIZE, stack
            )
            for place in request.places
        }
        talk = frames.Talk(ports.values(), stops, notes.hear)
        through = talk.run(
            [
                frames.Frame(
                    port,
                    dhcp_message.discover(
                        port.mac, request.run, notes.number, vlan
                    ),
                )
                for place in request.places
                for port in (ports[place.interface],)
                for vlan in place.ids
            ],
            rounds=request.attempts,
            interval=request.interval,
            timeout=request.timeout,
            max_rate=max_rate,
        )
        if not through:
            return None
        return msgspec.to_builtins(
            dhcp.DhcpReport(
                answers=notes.answers(),
                sent=talk.sent,
                refused=talk.refused,
                lost=talk.lost,
                duration=time.monotonic() - began,
            )
        )


class _Notes:
    """Who answered this host."""

    def __init__(self, run: int) -> None:
        self._run = run
        self.number = secrets.randbits(32 - dhcp_message.VLAN_BITS)
        self._counts: dict[tuple[str, int, dhcp_message.Offer], int] = {}

    def hear(self, port: frames.Port, packet: packet_ring.Packet) -> None:
        """Note a packet if it is an answer to this host."""
        offer = dhcp_message.read(packet.data, self._run, self.number)
        if offer is None:
            return
        key = (port.interface, packet.vlan, offer)
        if key in self._counts or len(self._counts) < _MOST:
            self._counts[key] = self._counts.get(key, 0) + 1

    def answers(self) -> tuple[dhcp.DhcpAnswer, ...]:
        return tuple(
            dhcp.DhcpAnswer(
                interface=interface,
                vlan=offer.asked_on,
                arrived_on=arrived_on,
                server=offer.server,
                mac=offer.mac,
                source=offer.source,
                relay=offer.relay,
                offered=offer.offered,
                count=count,
            )
            for (interface, arrived_on, offer), count in self._counts.items()
        )
