# SPDX-License-Identifier: Apache-2.0
"""Tests of reading links."""

import struct
import unittest

from steth.agent.inspect import links
from steth.model import host as host_model
from steth.tests.unit.agent.inspect import messages

_NAMES = {1: "lo", 2: "eth0", 3: "bond0", 4: "eth0.7"}
_UP = 0x1


def _kind(name: str, data: bytes = b"") -> bytes:
    return messages.attributes({1: name.encode() + b"\0", 2: data})


class LinksTestCase(unittest.TestCase):
    def decode(
        self, index: int = 2, flags: int = _UP, **values: object
    ) -> host_model.Link:
        body = messages.link(index, _NAMES[index], flags, **values)
        return links.decode(body, _NAMES)

    def test_a_physical_link(self) -> None:
        statistics = struct.pack("=24Q", *range(101, 125))
        self.assertEqual(
            host_model.Link(
                name="eth0",
                index=2,
                mac="02:00:00:00:00:01",
                mtu=9000,
                admin_up=True,
                carrier=True,
                oper_state="up",
                carrier_changes=3,
                master="bond0",
                counters=host_model.Counters(
                    rx_packets=101,
                    tx_packets=102,
                    rx_bytes=103,
                    tx_bytes=104,
                    rx_errors=105,
                    tx_errors=106,
                    rx_dropped=107,
                    tx_dropped=108,
                    collisions=110,
                    rx_missed=116,
                ),
            ),
            self.decode(
                more={
                    1: bytes.fromhex("020000000001"),
                    4: messages.number(9000),
                    10: messages.number(3),
                    16: messages.number(6, 1),
                    23: statistics,
                    33: messages.number(1, 1),
                    35: messages.number(3),
                }
            ),
        )

    def test_as_little_as_possible(self) -> None:
        link = self.decode(flags=0)
        self.assertEqual(
            host_model.Link(name="eth0", index=2, mtu=0, admin_up=False), link
        )

    def test_carrier(self) -> None:
        for flags, value, carrier in (
            (0, 1, None),
            (1, 0, False),
            (1, 1, True),
        ):
            link = self.decode(
                flags=flags, more={33: messages.number(value, 1)}
            )
            self.assertIs(carrier, link.carrier)

    def test_a_vlan(self) -> None:
        data = messages.attributes({1: messages.number(7, 2)})
        link = self.decode(
            4, more={5: messages.number(2), 18: _kind("vlan", data)}
        )
        self.assertEqual(
            ("vlan", 7, "eth0"), (link.kind, link.vlan_id, link.parent)
        )

    def test_the_same_attribute_of_another_kind_is_no_vlan(self) -> None:
        data = messages.attributes({1: messages.number(7, 2)})
        link = self.decode(4, more={18: _kind("vxlan", data)})
        self.assertEqual(("vxlan", None), (link.kind, link.vlan_id))

    def test_what_is_not_below(self) -> None:
        below = {5: messages.number(2)}
        for more in (
            {18: _kind("veth")},
            {37: messages.number(0), 18: _kind("macvlan")},
            {5: messages.number(4), 18: _kind("gre")},
            {5: messages.number(99), 18: _kind("gre")},
        ):
            self.assertIsNone(self.decode(4, more=below | more).parent)

    def test_loopback(self) -> None:
        self.assertTrue(self.decode(1, 0x9).loopback)
        self.assertFalse(self.decode(2, 0x1).loopback)

    def test_an_unknown_state(self) -> None:
        link = self.decode(more={16: messages.number(77, 1)})
        self.assertEqual("unknown", link.oper_state)

    def test_index_and_name(self) -> None:
        self.assertEqual(
            (2, "eth0"), links.index_and_name(messages.link(2, "eth0"))
        )


class DeviceTestCase(unittest.TestCase):
    def test_device(self) -> None:
        for flags, resolves in ((0x1, True), (0x81, False), (0x9, False)):
            body = messages.link(
                2, "eth0", flags, more={4: messages.number(1400)}
            )
            self.assertEqual(
                links.Device(mtu=1400, resolves=resolves), links.device(body)
            )
