# SPDX-License-Identifier: Apache-2.0
"""What is kept and what is lost, and that both are told."""

import unittest

from steth.agent.capture import spool
from steth.model import pcap
from steth.tests.unit.model import test_pcap

_HEADER = test_pcap.header()
_PACKET = test_pcap.record(b"x" * 84)


class SpoolTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.room = spool.Room(1000)
        self.spool = spool.Spool(5000, self.room)

    def test_bytes_come_in_any_pieces(self) -> None:
        stream = _HEADER + 3 * _PACKET
        taken = 0
        for at in range(len(stream)):
            taken += self.spool.add(stream[at : at + 1])
        self.assertEqual(3, taken)
        piece = self.spool.read(0, 10_000)
        self.assertEqual(stream, piece.data)
        self.assertEqual(
            (3, 0, None), (piece.packets, piece.lost, piece.bound)
        )

    def test_a_packet_that_is_not_whole_waits(self) -> None:
        self.spool.add(_HEADER + _PACKET + _PACKET[:50])
        self.assertEqual(_HEADER + _PACKET, self.spool.read(0, 10_000).data)
        self.spool.add(_PACKET[50:])
        self.assertEqual(_PACKET, self.spool.read(124, 10_000).data)

    def test_read_again_after_a_lost_reply(self) -> None:
        self.spool.add(_HEADER + 2 * _PACKET)
        first = self.spool.read(0, 100)
        self.assertEqual((100, 124), (len(first.data), first.pending))
        self.assertEqual(first, self.spool.read(0, 100))
        self.assertEqual(124, len(self.spool.read(100, 1000).data))
        for offset in (99, 225):
            with self.assertRaises(ValueError):
                self.spool.read(offset, 1)

    def test_no_memory_until_something_is_fetched(self) -> None:
        # 24 bytes are the header's, so 9 packets of 100 bytes fit.
        self.spool.add(_HEADER + 12 * _PACKET)
        piece = self.spool.read(0, 0)
        self.assertEqual(
            (9, 3, 3 * 84, spool.MEMORY_BOUND),
            (piece.packets, piece.lost, piece.lost_bytes, piece.bound),
        )
        self.spool.read(924, 0)
        self.spool.add(_PACKET)
        piece = self.spool.read(924, 1000)
        self.assertEqual((10, 3), (piece.packets, piece.lost))
        self.assertEqual(_PACKET, piece.data)

    def test_points_share_the_memory(self) -> None:
        other = spool.Spool(5000, self.room)
        other.add(_HEADER + 9 * _PACKET)
        self.spool.add(_HEADER + _PACKET)
        piece = self.spool.read(0, 1000)
        # Without a header it would not be a stream.
        self.assertEqual(_HEADER, piece.data)
        self.assertEqual(1, piece.lost)

    def test_nothing_more_beyond_the_size(self) -> None:
        small = spool.Spool(24 + 250, self.room)
        small.add(_HEADER + 3 * _PACKET)
        # It would fit, but only what came first is kept.
        small.add(test_pcap.record(b"y"))
        piece = small.read(0, 1000)
        self.assertEqual(_HEADER + 2 * _PACKET, piece.data)
        self.assertEqual(
            (2, 2, 85, spool.SIZE_BOUND),
            (piece.packets, piece.lost, piece.lost_bytes, piece.bound),
        )

    def test_lost_bytes_are_those_on_the_wire(self) -> None:
        small = spool.Spool(50, self.room)
        small.add(_HEADER + test_pcap.record(b"z" * 60, length=1500))
        self.assertEqual(1500, small.read(0, 0).lost_bytes)

    def test_not_a_stream(self) -> None:
        with self.assertRaises(ValueError):
            self.spool.add(bytes(pcap.HEADER_BYTES))
