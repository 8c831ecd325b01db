# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.neighbours`` that needs packet sockets."""

import contextlib
import ipaddress
import time
from typing import Any

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import frames
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.agent.probe import filters
from steth.agent.probe import neighbour_frame
from steth.model import neighbours
from steth.rpc import requests

#: More than two machines with one address need not be told apart.
_MOST = 16


@contexts.probe.entrypoint
def run(
    arguments: dict[str, Any], max_rate: int, token: int, agent: int
) -> Any:
    """Ask the questions of one request and note who answers.

    :param arguments: a ``ProbeNeighbours`` as plain data
    :param max_rate: questions per second
    :param token: a number by which ``stopping.cancel`` finds this probe
    :param agent: the process id of the agent; with it the probe ends
    :returns: a ``NeighbourReport`` as plain data; None when it was cancelled
    """
    request = msgspec.convert(arguments, requests.ProbeNeighbours)
    if not 1 <= max_rate <= frames.MAX_RATE:
        raise ValueError(f"max_rate: {max_rate} is not allowed")
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        stops = stopping.stops(token, agent, stack)
        program = filters.neighbour_answers()
        ports = {
            interface: frames.Port(
                interface, program, packet_ring.FRAME, stack
            )
            for interface in {one.interface for one in request.neighbours}
        }
        notes = _Notes(request)
        talk = frames.Talk(ports.values(), stops, notes.hear)
        through = talk.run(
            [
                frames.Frame(
                    port,
                    neighbour_frame.question(
                        port.mac, one.vlan, one.address, one.source
                    ),
                )
                for one in request.neighbours
                for port in (ports[one.interface],)
            ],
            rounds=request.attempts,
            interval=request.interval,
            timeout=request.timeout,
            max_rate=max_rate,
        )
        if not through:
            return None
        return msgspec.to_builtins(
            neighbours.NeighbourReport(
                results=notes.results(),
                sent=talk.sent,
                refused=talk.refused,
                lost=talk.lost,
                duration=time.monotonic() - began,
            )
        )


class _Notes:
    """Who answered for the addresses of a request."""

    def __init__(self, request: requests.ProbeNeighbours) -> None:
        self._asked = request.neighbours
        self._macs: dict[tuple[str, int, str], dict[str, None]] = {
            self._key(one): {} for one in request.neighbours
        }

    @staticmethod
    def _key(one: requests.Neighbour) -> tuple[str, int, str]:
        address = str(ipaddress.ip_address(one.address))
        return one.interface, one.vlan, address

    def hear(self, port: frames.Port, packet: packet_ring.Packet) -> None:
        """Note a packet if it answers one of the questions."""
        answer = neighbour_frame.read(packet.data)
        if answer is None:
            return
        macs = self._macs.get((port.interface, packet.vlan, answer.address))
        if macs is not None and len(macs) < _MOST:
            macs[answer.mac] = None

    def results(self) -> tuple[neighbours.NeighbourResult, ...]:
        return tuple(
            neighbours.NeighbourResult(
                interface=one.interface,
                vlan=one.vlan,
                address=one.address,
                macs=tuple(sorted(self._macs[self._key(one)])),
            )
            for one in self._asked
        )
