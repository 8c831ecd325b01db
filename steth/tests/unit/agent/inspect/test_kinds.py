# SPDX-License-Identifier: Apache-2.0
"""Tests of reading what is told of one kind of device."""

import unittest

from steth.agent.inspect import kinds
from steth.tests.unit.agent.inspect import messages

#: As Linux 6.18 told of: vxlan id 42 local 192.0.2.1 remote 192.0.2.9
#: dev v1 dstport 4789
_VXLAN = (
    "080001002a00000008000200c0000209080003000200000008000400c000020105000500"
    "000000000500060000000000050007000100000005000b000000000008000800"
    "2c01000006000f0012b50000"
)
#: And of: vxlan external local 2001:db8::1 dstport 4790
_EXTERNAL = (
    "08000100000000001400110020010db8000000000000000000000001"
    "050019000100000006000f0012b60000"
)
_BRIDGE = (
    "08000100dc0500000800040030750000050005000100000006000600008000000500"
    "07000000000006000800810000000c000b0080003e742fde06560c000a0080003e742f"
    "de06560500170001000000"
)
_TAP = (
    "050003000200000008000100feff000005000400000000000500050000000000"
    "050006000100000005000700010000000800080002000000"
)


class DetailsTestCase(unittest.TestCase):
    """The kernel's bytes; a little-endian machine's where they are numbers."""

    def setUp(self) -> None:
        if messages.number(1, 2) != b"\1\0":
            self.skipTest("they are those of another byte order")

    def test_vxlan(self) -> None:
        data = bytes.fromhex(_VXLAN)
        self.assertEqual(
            {
                "id": 42,
                "local": "192.0.2.1",
                "remote": "192.0.2.9",
                "port": 4789,
                "ttl": 0,
                "learning": True,
                "ageing": 300,
            },
            kinds.details("vxlan", data),
        )
        self.assertEqual({"link": 2}, kinds.devices("vxlan", data))

    def test_external_vxlan(self) -> None:
        self.assertEqual(
            {
                "id": 0,
                "local": "2001:db8::1",
                "port": 4790,
                "external": True,
            },
            kinds.details("vxlan", bytes.fromhex(_EXTERNAL)),
        )

    def test_bridge(self) -> None:
        self.assertEqual(
            {
                "forward_delay": 1500,
                "ageing_time": 30000,
                "stp_state": True,
                "priority": 32768,
                "vlan_filtering": False,
                "vlan_protocol": "802.1Q",
                "bridge_id": "8000.3e:74:2f:de:06:56",
                "root_id": "8000.3e:74:2f:de:06:56",
                "mcast_snooping": True,
            },
            kinds.details("bridge", bytes.fromhex(_BRIDGE)),
        )

    def test_tap(self) -> None:
        self.assertEqual(
            {
                "type": "tap",
                "user": 65534,
                "vnet_hdr": False,
                "persist": True,
                "multi_queue": True,
                "numqueues": 2,
            },
            kinds.details("tun", bytes.fromhex(_TAP)),
        )


class MadeDetailsTestCase(unittest.TestCase):
    """Kinds that not every kernel has."""

    def test_vlan(self) -> None:
        for protocol, name in (
            ("8100", "802.1Q"),
            ("88a8", "802.1ad"),
            ("9100", "0x9100"),
        ):
            data = messages.attributes(
                {1: messages.number(7, 2), 5: bytes.fromhex(protocol)}
            )
            self.assertEqual(
                {"id": 7, "protocol": name}, kinds.details("vlan", data)
            )

    def test_bond(self) -> None:
        lacp = messages.attributes(
            {
                1: messages.number(2, 2),
                2: messages.number(2, 2),
                5: bytes.fromhex("020000000009"),
            }
        )
        data = messages.attributes(
            {
                1: messages.number(4, 1),
                2: messages.number(5),
                3: messages.number(100),
                11: messages.number(0),
                14: messages.number(1, 1),
                21: messages.number(1, 1),
                23: lacp,
            }
        )
        self.assertEqual(
            {
                "mode": "802.3ad",
                "miimon": 100,
                "xmit_hash_policy": "layer3+4",
                "ad_lacp_rate": "fast",
                "aggregator": 2,
                "num_ports": 2,
                "partner_mac": "02:00:00:00:00:09",
            },
            kinds.details("bond", data),
        )
        self.assertEqual({"active_member": 5}, kinds.devices("bond", data))

    def test_a_mode_of_a_newer_kernel(self) -> None:
        data = messages.attributes({1: messages.number(9, 1)})
        self.assertEqual({"mode": "9"}, kinds.details("bond", data))

    def test_macvtap(self) -> None:
        data = messages.attributes({1: messages.number(4)})
        self.assertEqual({"mode": "bridge"}, kinds.details("macvtap", data))

    def test_tunnels(self) -> None:
        data = messages.attributes(
            {
                1: messages.number(77),
                2: bytes(4),
                5: bytes.fromhex("17c1"),
                6: b"",
                7: bytes(15) + b"\1",
            }
        )
        self.assertEqual(
            {"id": 77, "remote": "::1", "port": 6081, "external": True},
            kinds.details("geneve", data),
        )
        data = messages.attributes(
            {4: bytes(4), 5: bytes(3) + b"\x07", 7: b"\xc0\0\2\1"}
        )
        self.assertEqual(
            {"okey": 7, "remote": "192.0.2.1"}, kinds.details("gretap", data)
        )

    def test_of_no_kind(self) -> None:
        self.assertEqual({}, kinds.details("", b""))
        self.assertEqual({}, kinds.details("netkit", b"abc"))
        self.assertEqual({}, kinds.devices("", b""))


class PortTestCase(unittest.TestCase):
    def test_of_a_bridge(self) -> None:
        data = messages.attributes(
            {
                1: messages.number(3, 1),
                4: messages.number(1, 1),
                33: messages.number(0, 1),
            }
        )
        self.assertEqual(
            {"state": "forwarding", "hairpin": True, "isolated": False},
            kinds.port("bridge", data),
        )

    def test_of_a_bond(self) -> None:
        data = messages.attributes(
            {
                1: messages.number(1, 1),
                2: messages.number(2, 1),
                3: messages.number(4),
                4: bytes.fromhex("020000000002"),
            }
        )
        self.assertEqual(
            {
                "state": "BACKUP",
                "mii_status": "DOWN",
                "link_failure_count": 4,
                "perm_hwaddr": "02:00:00:00:00:02",
            },
            kinds.port("bond", data),
        )

    def test_of_another(self) -> None:
        self.assertEqual({}, kinds.port("openvswitch", b""))
