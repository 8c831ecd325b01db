# SPDX-License-Identifier: Apache-2.0
"""Tests of reading the ring, which a script fills as a kernel does."""

import mmap
import socket
import struct
import unittest
from unittest import mock

from steth.agent.privileged import packet_watch
from steth.model import probe
from steth.tests.unit.agent.probe import packets

_FRAME = 256
_FRAMES = 8192
_OUTGOING = 4


class _Ring(bytearray):
    def close(self) -> None:
        pass


class PacketWatchTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.ring = _Ring(_FRAME * _FRAMES)
        self.kernel = mock.create_autospec(socket.socket, instance=True)
        self.drops(0)
        for module, name, new in (
            (socket, "socket", mock.Mock(return_value=self.kernel)),
            (socket, "if_indextoname", lambda index: f"eth{index}"),
            (mmap, "mmap", mock.Mock(return_value=self.ring)),
        ):
            patched = mock.patch.object(module, name, new)
            patched.start()
            self.addCleanup(patched.stop)
        self.watch = packet_watch.PacketWatch(packets.RUN, frozenset())
        self.addCleanup(self.watch.close)
        self.written = 0

    def drops(self, number: int) -> None:
        self.kernel.getsockopt.return_value = struct.pack("=II", 9, number)

    def arrive(
        self, packet: bytes, device: int = 1, kind: int = 0, kept: int = 160
    ) -> None:
        """Put a packet into the next frame, as struct tpacket2_hdr says."""
        start = self.written % _FRAMES * _FRAME
        self.assertEqual(0, self.ring[start], "the ring is full")
        data = packet[:kept]
        struct.pack_into(
            "=IIHH", self.ring, start + 4, len(packet), len(data), 80, 80
        )
        struct.pack_into(
            "=HHiHBB", self.ring, start + 32, 17, 8, device, 1, kind, 6
        )
        self.ring[start + 80 : start + 80 + len(data)] = data
        struct.pack_into("=I", self.ring, start, 1)
        self.written += 1

    def seen(self) -> list[tuple[str, bool, int]]:
        return [
            (one.device, one.outgoing, one.count)
            for one in self.watch.results()
        ]

    def request(self, number: int = 0, index: int = 0) -> bytes:
        return packets.ipv4(
            "10.0.0.1", "10.0.0.2", packets.request(index, number, size=1500)
        )

    def test_direction_and_device(self) -> None:
        self.arrive(self.request(), device=1)
        self.arrive(self.request(), device=2, kind=_OUTGOING)
        self.watch.drain()
        self.assertEqual([("eth1", False, 1), ("eth2", True, 1)], self.seen())

    def test_the_size_is_not_that_of_what_was_kept(self) -> None:
        self.arrive(self.request(), kept=128)
        self.watch.drain()
        (found,) = self.watch.results()
        self.assertEqual(
            (probe.PacketKind.REQUEST, 1500), (found.kind, found.size)
        )

    def test_the_ring_goes_round(self) -> None:
        for turn in range(3):
            for number in range(5000):
                self.arrive(
                    self.request(number % 100, turn * 50 + number // 100)
                )
            self.watch.drain()
        self.assertEqual([("eth1", False, 15000)], self.seen())

    def test_a_full_ring(self) -> None:
        for number in range(_FRAMES):
            self.arrive(self.request(number % 100, number // 100))
        self.watch.drain()
        self.watch.drain()
        self.assertEqual([("eth1", False, _FRAMES)], self.seen())

    def test_an_empty_ring(self) -> None:
        self.watch.drain()
        self.assertEqual([], self.seen())

    def test_what_the_kernel_dropped(self) -> None:
        self.assertEqual(0, self.watch.lost())
        self.drops(5)
        self.assertEqual(5, self.watch.lost())
        # Each reading begins anew.
        self.drops(2)
        self.assertEqual(7, self.watch.lost())

    def test_refused(self) -> None:
        self.kernel.setsockopt.side_effect = OSError(12, "no memory")
        with self.assertRaises(OSError):
            packet_watch.PacketWatch(1, frozenset())
        self.kernel.close.assert_called_once_with()
