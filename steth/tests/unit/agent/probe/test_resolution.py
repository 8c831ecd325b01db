# SPDX-License-Identifier: Apache-2.0

import ipaddress
import unittest

from scapy.layers import inet6
from scapy.layers import l2

from steth.agent.probe import resolution

_MAC = bytes.fromhex("020000000001")


def _question(source: str, target: str) -> resolution.Question:
    return resolution.Question(
        device=2,
        mac=_MAC,
        source=ipaddress.ip_address(source).packed,
        target=ipaddress.ip_address(target).packed,
    )


class PacketTestCase(unittest.TestCase):
    """The questions are well-formed, as another implementation reads them."""

    def test_arp(self) -> None:
        sent = resolution.packet(_question("192.0.2.1", "192.0.2.2"))
        self.assertEqual(0x0806, sent.protocol)
        self.assertEqual(b"\xff" * 6, sent.destination)
        arp = l2.ARP(sent.content)
        self.assertEqual("who-has", arp.sprintf("%ARP.op%"))
        self.assertEqual("02:00:00:00:00:01", arp.hwsrc)
        self.assertEqual(("192.0.2.1", "192.0.2.2"), (arp.psrc, arp.pdst))

    def test_neighbour_solicitation(self) -> None:
        sent = resolution.packet(_question("2001:db8::1", "2001:db8::12:3456"))
        self.assertEqual(0x86DD, sent.protocol)
        self.assertEqual(bytes.fromhex("3333ff123456"), sent.destination)
        packet = inet6.IPv6(sent.content)
        self.assertEqual("ff02::1:ff12:3456", packet.dst)
        self.assertEqual(255, packet.hlim)
        asked = packet[inet6.ICMPv6ND_NS]
        self.assertEqual("2001:db8::12:3456", asked.tgt)
        self.assertEqual(
            "02:00:00:00:00:01",
            packet[inet6.ICMPv6NDOptSrcLLAddr].lladdr,
        )
        checksum = asked.cksum
        del packet[inet6.ICMPv6ND_NS].cksum
        self.assertEqual(
            checksum, inet6.IPv6(bytes(packet))[inet6.ICMPv6ND_NS].cksum
        )
