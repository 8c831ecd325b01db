# SPDX-License-Identifier: Apache-2.0

import socket
import struct
import unittest
from unittest import mock

from steth.agent.inspect import linux_bridges
from steth.agent.inspect import namespace
from steth.agent.inspect import rtnetlink
from steth.model import bridge
from steth.tests.unit.agent.inspect import messages

_PVID_UNTAGGED = 6


def _bridge(index: int, name: str, *, stp: int = 0, aware: int = 0) -> bytes:
    data = messages.attributes(
        {5: messages.number(stp), 7: messages.number(aware, 1)}
    )
    info = messages.attributes({1: b"bridge\0", 2: data})
    return messages.link(index, name, more={18: info})


def _port(index: int, name: str, master: int, state: int = 3) -> bytes:
    slave = messages.attributes({1: messages.number(state, 1)})
    info = messages.attributes({1: b"veth\0", 4: b"bridge\0", 5: slave})
    return messages.link(
        index,
        name,
        1,
        more={
            4: messages.number(1450),
            10: messages.number(master),
            18: info,
            33: messages.number(1, 1),
        },
    )


def _vlans(index: int, *vlans: tuple[int, int]) -> bytes:
    """A port's VLANs, as a dump of the family AF_BRIDGE has them."""
    inner = b"".join(
        messages.attributes({2: struct.pack("=HH", flags, number)})
        for flags, number in vlans
    )
    return rtnetlink.IFINFO.pack(
        socket.AF_BRIDGE, 1, index, 0, 0
    ) + messages.attributes({26: inner})


class ReadTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.links: list[bytes] = []
        self.vlans: list[bytes] = []
        self.truncated = False
        patched = mock.patch.object(namespace, "dump", self._dump)
        patched.start()
        self.addCleanup(patched.stop)

    def _dump(
        self, kind: int, request: bytes, limit: int, attributes: object
    ) -> tuple[list[bytes], bool]:
        if request[0] == socket.AF_BRIDGE:
            return self.vlans, False
        return self.links, self.truncated

    def mode(self, *vlans: tuple[int, int]) -> tuple[object, ...]:
        self.links = [_bridge(1, "br0", aware=1), _port(2, "tap1", 1)]
        self.vlans = [_vlans(2, *vlans)]
        ((found,), _) = linux_bridges.read()
        self.assertTrue(found.vlan_aware)
        (port,) = found.ports
        return port.mode, port.tag, port.trunks

    def test_none(self) -> None:
        self.links = [messages.link(1, "lo")]
        self.assertEqual(((), False), linux_bridges.read())

    def test_ports(self) -> None:
        self.links = [
            _port(4, "tap2", 1, state=4),
            _bridge(2, "br1", stp=1),
            _bridge(1, "br0"),
            _port(3, "tap1", 1),
        ]
        self.truncated = True
        (first, second), truncated = linux_bridges.read()
        self.assertTrue(truncated)
        self.assertEqual(
            ("br0", bridge.BridgeKind.LINUX, False, False),
            (first.name, first.kind, first.stp, first.vlan_aware),
        )
        self.assertEqual(
            bridge.Port(
                name="tap1",
                state="forwarding",
                interfaces=(
                    bridge.Interface(
                        name="tap1",
                        kind="veth",
                        mtu=1450,
                        admin_up=True,
                        link_up=True,
                    ),
                ),
            ),
            first.ports[0],
        )
        self.assertEqual("blocking", first.ports[1].state)
        self.assertEqual(("br1", True), (second.name, second.stp))

    def test_vlans(self) -> None:
        for vlans, said in (
            ([(_PVID_UNTAGGED, 1)], ("access", 1, "")),
            (
                [(_PVID_UNTAGGED, 1), (0, 7), (8, 10), (16, 20)],
                ("native-untagged", 1, "7,10-20"),
            ),
            ([(2, 5), (0, 6)], ("native-tagged", 5, "6")),
            ([(8, 2), (16, 4)], ("trunk", None, "2-4")),
            ([], ("trunk", None, "")),
        ):
            with self.subTest(vlans=vlans):
                self.assertEqual(said, self.mode(*vlans))
