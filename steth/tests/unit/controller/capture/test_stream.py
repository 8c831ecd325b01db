# SPDX-License-Identifier: Apache-2.0

import pathlib
import resource
import signal
import tempfile
import unittest

from steth.controller import clock
from steth.controller.capture import file
from steth.controller.capture import pcapng
from steth.controller.capture import points
from steth.controller.capture import stream
from steth.model import capture
from steth.tests.unit.controller.capture import blocks
from steth.tests.unit.model import test_pcap

_SECOND = 1_000_000_000


class StreamTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "a.pcapng"
        self.target = file.CaptureFile(self.path, "test")
        self.addCleanup(self.target.__exit__, None, None, None)

    def stream(
        self, offset: float | None = None, error: float = 0.001
    ) -> stream.Stream:
        return stream.Stream(
            points.Point(host="c1", device="eth1", netns="ns"),
            "icmp",
            None
            if offset is None
            else clock.Reading(offset=offset, error=error),
            self.target,
        )

    def test_bytes_come_in_any_pieces(self) -> None:
        one = self.stream()
        data = test_pcap.header() + 2 * test_pcap.record(b"abc", length=60)
        for at in range(len(data)):
            one.take(capture.CapturePiece(offset=at, data=data[at : at + 1]))
        self.assertEqual((2, 6), (one.packets, one.bytes))
        self.assertEqual(
            2 * [(0, 7_000_000_005, b"abc", 60)],
            blocks.read(self.path).packets,
        )

    def test_the_disk_is_full(self) -> None:
        """What is counted is what is in the file."""
        one = self.stream()
        data = test_pcap.header() + 2 * test_pcap.record(b"abc", length=60)
        one.take(capture.CapturePiece(offset=0, data=data))
        size = self.path.stat().st_size
        packet = len(pcapng.packet(0, 0, b"abcdef", 6))
        resource_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.addCleanup(
            resource.setrlimit, resource.RLIMIT_FSIZE, resource_limit
        )
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGXFSZ, before)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (size + packet + 5, resource_limit[1])
        )
        with self.assertRaises(file.FileError):
            one.take(
                capture.CapturePiece(
                    offset=len(data), data=3 * test_pcap.record(b"abcdef")
                )
            )
        self.assertEqual((3, 12), (one.packets, one.bytes))
        self.assertEqual(3, len(blocks.read(self.path).packets))
        self.assertEqual("not all of it could be written", one.remark)

    def test_the_same_piece_twice(self) -> None:
        one = self.stream()
        piece = capture.CapturePiece(
            offset=0, data=test_pcap.header() + test_pcap.record(b"a")
        )
        one.take(piece)
        one.take(piece)
        self.assertEqual(1, one.packets)

    def test_a_clock_is_corrected(self) -> None:
        for offset, error, time, said in (
            (5.0, 0.001, 2, "5000.000 ms ahead and is corrected"),
            (-0.5, 0.1, 7.5, "500.000 ms behind and is corrected"),
            # It may be the measurement that is off.
            (0.001, 0.002, 7, "agrees within 2.000 ms"),
            (None, 0.0, 7, "was not compared"),
        ):
            one = self.stream(offset, error)
            one.take(
                capture.CapturePiece(
                    offset=0,
                    data=test_pcap.header()
                    + test_pcap.record(b"a", fraction=0),
                )
            )
            found = blocks.read(self.path)
            self.assertEqual(time * _SECOND, found.packets[-1][1])
            self.assertIn(said, found.interfaces[-1][3].decode())

    def test_what_it_is_called(self) -> None:
        self.stream().take(
            capture.CapturePiece(offset=0, data=test_pcap.header())
        )
        (interface,) = blocks.read(self.path).interfaces
        self.assertEqual(b"c1:eth1@ns", interface[2])
        self.assertIn(b"eth1 on c1 in network namespace ns", interface[3])
        self.assertEqual(b"\0icmp", interface[11])

    def test_when_it_is_complete(self) -> None:
        one = self.stream()
        self.assertFalse(one.is_complete)
        one.take(capture.CapturePiece(offset=0, ended=True, pending=5))
        self.assertFalse(one.is_complete)
        one.take(capture.CapturePiece(offset=0, ended=True))
        self.assertTrue(one.is_complete)

    def test_what_is_missing(self) -> None:
        one = self.stream()
        self.assertIsNone(one.remark)
        one.take(
            capture.CapturePiece(
                offset=0,
                lost=3,
                lost_bytes=300,
                bound="size",
                error="pcap_loop: The interface disappeared",
                kernel=capture.Kernel(
                    received=9, dropped=2, interface_dropped=1
                ),
            )
        )
        said = one.remark or ""
        for part in (
            "interface disappeared",
            "3 packets (300 bytes)",
            "--size",
            "kernel dropped 2",
            "interface dropped 1",
        ):
            self.assertIn(part, said)

    def test_an_agent_that_sends_something_else(self) -> None:
        one = self.stream()
        one.take(capture.CapturePiece(offset=0, data=bytes(24)))
        self.assertIn("not understood", one.error or "")
        self.assertTrue(one.is_complete)
