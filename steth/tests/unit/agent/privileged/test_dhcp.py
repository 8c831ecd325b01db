# SPDX-License-Identifier: Apache-2.0
"""Tests of asking for DHCP servers, with ports that a test answers on."""

import contextlib
import os
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import dhcp
from steth.agent.privileged import frames
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.agent.probe import dhcp_message
from steth.model import dhcp as dhcp_model
from steth.rpc import requests
from steth.tests.unit.agent.probe import test_dhcp_message as messages

_REQUEST = requests.ProbeDhcp(
    places=(
        requests.DhcpPlace(interface="eth1"),
        requests.DhcpPlace(interface="eth2", vlans="100-101", untagged=False),
    ),
    run=messages.RUN,
    attempts=2,
    interval=0.5,
    timeout=0.2,
)


class _Port:
    """Offers an address to whoever asks on VLAN 100."""

    def __init__(
        self, interface: str, program: bytes, size: int, stack: Any
    ) -> None:
        self.interface = interface
        self.mac = messages.MAC
        self.ring = mock.Mock()
        self.ring.lost.return_value = 0
        self.ring.take.side_effect = self._take
        self.arriving: list[packet_ring.Packet] = []

    def _take(self) -> list[packet_ring.Packet]:
        taken, self.arriving = self.arriving, []
        return taken

    def send(self, data: bytes) -> None:
        tag = int.from_bytes(data[14:16]) if data[12:14] == b"\x81\0" else 0
        if tag != 100:
            return
        xid = data[18 + 28 + 4 : 18 + 28 + 8]
        for number in (int.from_bytes(xid), 5):
            frame = messages.answer(xid=number)
            self.arriving.append(
                packet_ring.Packet(2, False, tag, memoryview(frame))
            )


class RunTestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)
        patch = mock.patch.object(frames, "Port", _Port)
        patch.start()
        self.addCleanup(patch.stop)

    def run_probe(self, rate: int = 1000) -> Any:
        return dhcp.run(msgspec.to_builtins(_REQUEST), rate, 5, os.getpid())

    def test_who_answers(self) -> None:
        found = msgspec.convert(self.run_probe(), dhcp_model.DhcpReport)
        self.assertEqual(6, found.sent)
        (answer,) = found.answers
        self.assertEqual(
            ("eth2", 100, 100, "192.0.2.1", 2),
            (
                answer.interface,
                answer.vlan,
                answer.arrived_on,
                answer.server,
                answer.count,
            ),
        )

    def test_cancelled(self) -> None:
        real = stopping.stops

        def stops(token: int, agent: int, stack: contextlib.ExitStack) -> Any:
            found = real(token, agent, stack)
            stopping.cancel(token)
            return found

        with mock.patch.object(stopping, "stops", stops):
            self.assertIsNone(self.run_probe())

    def test_a_rate_that_cannot_be(self) -> None:
        for rate in (0, 1_000_000):
            with self.assertRaises(ValueError):
                self.run_probe(rate)

    def test_a_flood_is_bounded(self) -> None:
        notes = dhcp._Notes(messages.RUN)
        port: Any = mock.Mock(interface="eth1")
        for number in range(1000):
            frame = messages.answer(
                xid=dhcp_message.transaction(notes.number, 0),
                server=f"10.0.{number // 250}.{number % 250}",
            )
            notes.hear(
                port, packet_ring.Packet(2, False, 0, memoryview(frame))
            )
        self.assertEqual(256, len(notes.answers()))
