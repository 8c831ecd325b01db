# SPDX-License-Identifier: Apache-2.0
"""Tests of reading neighbours."""

import struct
import unittest

from steth.agent.inspect import neighbours
from steth.agent.inspect import rtnetlink
from steth.model import host as host_model
from steth.tests.unit.agent.inspect import messages

_NAMES = {2: "eth0"}


class NeighboursTestCase(unittest.TestCase):
    def test_a_neighbour(self) -> None:
        body = messages.neighbour(2, "10.0.0.2", 2, b"\x02\0\0\0\0\1")
        self.assertEqual(
            host_model.Neighbour(
                address="10.0.0.2",
                family=4,
                device="eth0",
                mac="02:00:00:00:00:01",
                state="reachable",
            ),
            neighbours.decode(body, _NAMES),
        )

    def test_one_that_does_not_resolve(self) -> None:
        for state, word in ((0x01, "incomplete"), (0x20, "failed")):
            found = neighbours.decode(
                messages.neighbour(2, "fd00::2", state), _NAMES
            )
            assert found is not None
            self.assertEqual(
                (6, None, word), (found.family, found.mac, found.state)
            )

    def test_what_is_none(self) -> None:
        bridge = rtnetlink.NDMSG.pack(7, 2, 2, 0, 0)
        self.assertIsNone(neighbours.decode(bridge, _NAMES))
        without = rtnetlink.NDMSG.pack(2, 2, 2, 0, 0)
        self.assertIsNone(neighbours.decode(without, _NAMES))

    def test_a_request(self) -> None:
        body, attributes = neighbours.get_request("fd00::2", 2)
        self.assertEqual((10, 2), rtnetlink.NDMSG.unpack(body)[:2])
        self.assertEqual(16, len(attributes[1]))


class TableTestCase(unittest.TestCase):
    def test_a_table(self) -> None:
        config = struct.pack("=HHIII", 4, 300, 1020, 0, 0)
        body = rtnetlink.NDTMSG.pack(2) + messages.attributes(
            {4: messages.number(1024), 5: config}
        )
        self.assertEqual(
            neighbours.Table(entries=1020, limit=1024), neighbours.table(body)
        )

    def test_what_is_of_a_device(self) -> None:
        body = rtnetlink.NDTMSG.pack(2) + messages.attributes({1: b"arp\0"})
        self.assertIsNone(neighbours.table(body))
