# SPDX-License-Identifier: Apache-2.0
"""Tests of questions for hardware addresses, against scapy's."""

import unittest

from scapy.layers import inet6
from scapy.layers import l2

from steth.agent.probe import filters
from steth.agent.probe import neighbour_frame
from steth.tests.unit.agent.probe import bpf

MAC = bytes.fromhex("02004c4f4f50")
THEIRS = "02:00:00:00:ff:01"
ARP_ANSWER = bytes(
    l2.Ether(src="02:00:00:00:ff:09", dst=MAC.hex(":"))
    / l2.ARP(op=2, hwsrc=THEIRS, psrc="192.0.2.1", pdst="0.0.0.0")
)


def advertisement(option: bool = True) -> bytes:
    """Return a neighbour advertisement."""
    frame = (
        l2.Ether(src="02:00:00:00:ff:09", dst="33:33:00:00:00:01")
        / inet6.IPv6(src="2001:db8::1", dst="ff02::1")
        / inet6.ICMPv6ND_NA(tgt="2001:db8::1")
    )
    if option:
        frame /= inet6.ICMPv6NDOptDstLLAddr(lladdr=THEIRS)
    return bytes(frame)


class QuestionTestCase(unittest.TestCase):
    def test_arp(self) -> None:
        for source in ("192.0.2.9", None):
            frame = l2.Ether(
                neighbour_frame.question(MAC, 0, "192.0.2.1", source)
            )
            self.assertEqual("ff:ff:ff:ff:ff:ff", frame.dst)
            asked = frame[l2.ARP]
            self.assertEqual(
                (1, MAC.hex(":"), source or "0.0.0.0", "192.0.2.1"),
                (asked.op, asked.hwsrc, asked.psrc, asked.pdst),
            )
            self.assertGreaterEqual(len(frame), 60)

    def test_a_tag(self) -> None:
        frame = l2.Ether(neighbour_frame.question(MAC, 100, "192.0.2.1", None))
        self.assertEqual(100, frame[l2.Dot1Q].vlan)
        self.assertEqual("192.0.2.1", frame[l2.ARP].pdst)

    def test_solicitation(self) -> None:
        for source in ("2001:db8::9", None):
            frame = l2.Ether(
                neighbour_frame.question(MAC, 0, "2001:db8::1", source)
            )
            self.assertEqual("33:33:ff:00:00:01", frame.dst)
            packet = frame[inet6.IPv6]
            self.assertEqual(source or "::", packet.src)
            self.assertEqual("ff02::1:ff00:1", packet.dst)
            self.assertEqual(255, packet.hlim)
            asked = packet[inet6.ICMPv6ND_NS]
            self.assertEqual("2001:db8::1", asked.tgt)
            # Nobody's hardware address must not be told (RFC 4861, 4.3).
            self.assertEqual(
                source is not None,
                inet6.ICMPv6NDOptSrcLLAddr in packet,
            )
            checksum = asked.cksum
            del asked.cksum
            again = inet6.IPv6(bytes(packet)[: 40 + packet.plen])
            self.assertEqual(checksum, again[inet6.ICMPv6ND_NS].cksum)


class ReadTestCase(unittest.TestCase):
    def test_answers(self) -> None:
        for frame, address in (
            (ARP_ANSWER, "192.0.2.1"),
            (advertisement(), "2001:db8::1"),
        ):
            self.assertEqual(
                neighbour_frame.Answer(address, THEIRS),
                neighbour_frame.read(frame),
            )

    def test_an_advertisement_without_the_option(self) -> None:
        found = neighbour_frame.read(advertisement(option=False))
        assert found is not None
        self.assertEqual("02:00:00:00:ff:09", found.mac)

    def test_what_is_no_answer(self) -> None:
        for frame in (
            neighbour_frame.question(MAC, 0, "192.0.2.1", None),
            neighbour_frame.question(MAC, 0, "2001:db8::1", None),
        ):
            self.assertIsNone(neighbour_frame.read(frame))

    def test_pieces(self) -> None:
        """Whatever is cut off, it does not break."""
        for whole in (ARP_ANSWER, advertisement()):
            for length in range(len(whole)):
                neighbour_frame.read(whole[:length])


class FilterTestCase(unittest.TestCase):
    program = filters.neighbour_answers()

    def test_answers(self) -> None:
        for frame in (ARP_ANSWER, advertisement()):
            self.assertTrue(bpf.run(self.program, frame))
            self.assertFalse(bpf.run(self.program, frame, packet_type=4))

    def test_questions(self) -> None:
        for address in ("192.0.2.1", "2001:db8::1"):
            frame = neighbour_frame.question(MAC, 0, address, None)
            self.assertFalse(bpf.run(self.program, frame))
