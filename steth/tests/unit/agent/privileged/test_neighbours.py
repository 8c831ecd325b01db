# SPDX-License-Identifier: Apache-2.0
"""Tests of asking for addresses, with ports that a test answers on."""

import contextlib
import os
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import frames
from steth.agent.privileged import neighbours
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.model import neighbours as neighbours_model
from steth.rpc import requests
from steth.tests.unit.agent.probe import test_neighbour_frame as samples


def _neighbour(address: str, **changed: Any) -> requests.Neighbour:
    return requests.Neighbour(
        **({"interface": "eth1", "address": address} | changed)
    )


_REQUEST = requests.ProbeNeighbours(
    neighbours=(
        _neighbour("192.0.2.1"),
        _neighbour("2001:db8:0::1"),
        _neighbour("192.0.2.2"),
        _neighbour("192.0.2.1", vlan=100),
        _neighbour("192.0.2.1", interface="eth2"),
    ),
    attempts=2,
    interval=0.1,
    timeout=0.1,
)


class _Port:
    """Both answers arrive on eth1, whatever is asked."""

    def __init__(
        self, interface: str, program: bytes, size: int, stack: Any
    ) -> None:
        self.interface = interface
        self.mac = samples.MAC
        self.ring = mock.Mock()
        self.ring.lost.return_value = 0
        self.arriving = [
            packet_ring.Packet(2, False, 0, memoryview(one))
            for one in (samples.ARP_ANSWER, samples.advertisement())
            if interface == "eth1"
        ]
        self.ring.take.side_effect = self._take

    def _take(self) -> list[packet_ring.Packet]:
        taken, self.arriving = self.arriving, []
        return taken

    def send(self, data: bytes) -> None:
        pass


class RunTestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)
        patch = mock.patch.object(frames, "Port", _Port)
        patch.start()
        self.addCleanup(patch.stop)

    def run_probe(self, rate: int = 1000) -> Any:
        return neighbours.run(
            msgspec.to_builtins(_REQUEST), rate, 5, os.getpid()
        )

    def test_who_answers(self) -> None:
        found = msgspec.convert(
            self.run_probe(), neighbours_model.NeighbourReport
        )
        self.assertEqual(10, found.sent)
        self.assertEqual(
            [(samples.THEIRS,), (samples.THEIRS,), (), (), ()],
            [one.macs for one in found.results],
        )
        self.assertEqual("2001:db8:0::1", found.results[1].address)

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
