# SPDX-License-Identifier: Apache-2.0
"""Tests of reading what a snapshot leaves out of a link."""

import struct
import unittest

from steth.agent.inspect import link_details
from steth.agent.inspect import rtnetlink
from steth.model import interface
from steth.tests.unit.agent.inspect import messages

_UP = 0x1
_RUNNING = 0x40


def found(flags: int = _UP, **more: dict[int, bytes]) -> link_details.Found:
    """Return what is read of a link eth0 with the index 2."""
    return link_details.Found(messages.link(2, "eth0", flags, **more))


class FoundTestCase(unittest.TestCase):
    def test_all(self) -> None:
        # Alternative names share one type, so a dict cannot hold them.
        alternative = messages.attributes({53: b"enp3s0\0"})
        alternative += messages.attributes({53: b"enx02\0"})
        told = found(
            0x11043,
            more={
                6: b"fq_codel\0",
                13: messages.number(1000),
                20: b"to leaf2\0",
                30: messages.number(1),
                50: messages.number(68),
                51: messages.number(9600),
                52: alternative,
                54: bytes.fromhex("020000000001"),
            },
        )
        self.assertEqual(
            interface.Interface(
                name="eth0",
                index=2,
                flags=("BROADCAST", "MULTICAST", "UP", "LOWER_UP"),
                alias="to leaf2",
                alternative_names=("enp3s0", "enx02"),
                permanent_mac="02:00:00:00:00:01",
                minimum_mtu=68,
                maximum_mtu=9600,
                queueing="fq_codel",
                queue_length=1000,
                promiscuity=1,
            ),
            told.interface,
        )

    def test_as_little_as_possible(self) -> None:
        self.assertEqual(
            interface.Interface(name="eth0", index=2),
            found(0).interface,
        )

    def test_without_carrier(self) -> None:
        self.assertEqual(("NO-CARRIER", "UP"), found(_UP).interface.flags)
        self.assertEqual(("UP",), found(_UP | _RUNNING).interface.flags)

    def test_kind_and_port(self) -> None:
        info = messages.attributes(
            {
                1: b"vlan\0",
                2: messages.attributes({1: messages.number(7, 2)}),
                4: b"bridge\0",
                5: messages.attributes({1: messages.number(3, 1)}),
            }
        )
        told = found(more={18: info}).interface
        self.assertEqual(
            ("vlan", {"id": 7}, {"state": "forwarding"}),
            (told.kind, told.details, told.port),
        )

    def test_devices(self) -> None:
        info = messages.attributes(
            {
                1: b"bond\0",
                2: messages.attributes({2: messages.number(9)}),
            }
        )
        self.assertEqual({"active_member": 9}, found(more={18: info}).devices)

    def test_what_is_below(self) -> None:
        for more, below, below_id in (
            ({}, None, None),
            ({5: messages.number(7)}, 7, None),
            ({5: messages.number(0)}, None, None),
            # A tunnel.
            ({5: messages.number(2)}, None, None),
            # The same index in another namespace is another device.
            ({5: messages.number(2), 37: messages.number(0)}, 2, 0),
        ):
            with self.subTest(more=more):
                told = found(more=more)
                self.assertEqual(
                    (below, below_id), (told.below, told.below_id)
                )


class VirtualFunctionTestCase(unittest.TestCase):
    def read(
        self, *functions: dict[int, bytes]
    ) -> tuple[interface.VirtualFunction, ...]:
        listed = b"".join(
            messages.attributes({1: messages.attributes(one)})
            for one in functions
        )
        own = bytes.fromhex("020000000001")
        told = found(more={1: own, 22: listed})
        return told.interface.virtual_functions

    def test_all(self) -> None:
        mac = bytes.fromhex("fa163e000001") + bytes(26)
        self.assertEqual(
            (
                interface.VirtualFunction(
                    number=3,
                    mac="fa:16:3e:00:00:01",
                    vlan_id=100,
                    spoof_check=True,
                    trusted=False,
                    link_state="auto",
                    minimum_rate=0,
                    maximum_rate=1000,
                ),
            ),
            self.read(
                {
                    1: messages.number(3) + mac,
                    2: struct.pack("=III", 3, 100, 0),
                    4: struct.pack("=II", 3, 1),
                    5: struct.pack("=II", 3, 0),
                    6: struct.pack("=III", 3, 0, 1000),
                    9: struct.pack("=II", 3, 0),
                }
            ),
        )

    def test_what_the_driver_does_not_tell(self) -> None:
        mac = bytes(32)
        none, unknown = self.read(
            {1: messages.number(0) + mac},
            {
                1: messages.number(1) + mac,
                2: struct.pack("=III", 1, 0, 0),
                4: struct.pack("=Ii", 1, -1),
                5: struct.pack("=II", 1, 9),
                9: struct.pack("=Ii", 1, -1),
            },
        )
        zero = "00:00:00:00:00:00"
        self.assertEqual(interface.VirtualFunction(number=0, mac=zero), none)
        self.assertEqual(
            interface.VirtualFunction(number=1, mac=zero), unknown
        )


class RequestTestCase(unittest.TestCase):
    def test_request(self) -> None:
        body, attributes = link_details.request("eth0", virtual_functions=True)
        self.assertEqual(rtnetlink.IFINFO.size, len(body))
        self.assertEqual({3: b"eth0\0", 29: messages.number(9)}, attributes)
        _, attributes = link_details.request("eth0", virtual_functions=False)
        self.assertEqual(messages.number(8), attributes[29])
