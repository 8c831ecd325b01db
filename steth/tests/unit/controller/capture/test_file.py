# SPDX-License-Identifier: Apache-2.0
"""Files in order, and files that could not be finished."""

import errno
import os
import pathlib
import stat
import tempfile
import unittest
from unittest import mock

from steth.controller.capture import file
from steth.controller.capture import pcapng
from steth.tests.unit.controller.capture import blocks

_REAL_WRITE = os.write


class FileTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "a.pcapng"

    def opened(self) -> file.CaptureFile:
        return file.CaptureFile(self.path, "test")

    def interface(self, target: file.CaptureFile, name: str) -> int:
        return target.add_interface(
            pcapng.Interface(
                name=name, description="", link_type=1, snaplen=100
            )
        )

    def fill(self, target: file.CaptureFile) -> None:
        """Add two interfaces, the second before the first."""
        self.interface(target, "b")
        target.add_packets(0, [(20, b"b1", 2), (40, b"b2", 2)])
        self.interface(target, "a")
        target.add_packets(1, [(30, b"a2", 2), (10, b"a1", 900)])
        target.add_packets(0, [(35, b"b3", 2)])
        for number, delivered in ((0, 3), (1, 2)):
            target.add_statistics(
                number,
                pcapng.Statistics(started=0, ended=9, delivered=delivered),
            )

    def left(self) -> list[str]:
        return [one.name for one in self.path.parent.iterdir()]

    def test_in_the_order_of_time(self) -> None:
        with self.opened() as target:
            self.fill(target)
            target.finish([1, 0])
        found = blocks.read(self.path)
        self.assertEqual([b"a", b"b"], [one[2] for one in found.interfaces])
        self.assertEqual(
            [
                (0, 10, b"a1", 900),
                (1, 20, b"b1", 2),
                (0, 30, b"a2", 2),
                (1, 35, b"b3", 2),
                (1, 40, b"b2", 2),
            ],
            found.packets,
        )
        self.assertEqual(
            [(0, 2), (1, 3)],
            [(at, blocks.number(one[8])) for at, one in found.statistics],
        )
        self.assertEqual(["a.pcapng"], self.left())
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))

    def test_what_is_in_order_is_not_written_again(self) -> None:
        with self.opened() as target:
            self.interface(target, "a")
            target.add_packets(0, [(1, b"x", 1), (1, b"y", 1), (2, b"z", 1)])
            before = self.path.stat().st_ino
            target.finish([0])
        self.assertEqual(before, self.path.stat().st_ino)
        self.assertEqual(3, len(blocks.read(self.path).packets))

    def test_valid_at_any_time(self) -> None:
        with self.opened() as target:
            self.fill(target)
        self.assertEqual(5, len(blocks.read(self.path).packets))

    def test_nothing_captured(self) -> None:
        with self.opened():
            pass
        self.assertEqual([], self.left())
        self.path.write_text("kept")
        with self.opened():
            pass
        self.assertEqual("kept", self.path.read_text())

    def test_what_was_there_is_overwritten(self) -> None:
        self.path.write_bytes(bytes(10_000))
        self.path.chmod(0o640)
        with self.opened() as target:
            self.fill(target)
            target.finish([1, 0])
        self.assertEqual(5, len(blocks.read(self.path).packets))
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))

    def test_cannot_be_written(self) -> None:
        for path, said in (
            (self.path.parent / "no" / "a", "No such file"),
            (self.path.parent, "Is a directory"),
            (pathlib.Path("/dev/null"), "not a regular file"),
        ):
            with self.assertRaisesRegex(file.FileError, said):
                file.CaptureFile(path, "test")

    def test_disk_full(self) -> None:
        """Wherever it ends, what is there is whole."""
        with self.opened() as target:
            self.fill(target)
            whole = self.path.stat().st_size
        self.path.unlink()
        for room in range(0, whole, 7):
            with self.subTest(room=room), self.opened() as target:
                with (
                    mock.patch.object(os, "write", self._full_disk(room)),
                    self.assertRaisesRegex(file.FileError, "No space left"),
                ):
                    self.fill(target)
                packets = target.packets
            self.assertEqual(
                packets,
                len(blocks.read(self.path).packets)
                if self.path.exists()
                else 0,
            )
            self.path.unlink(missing_ok=True)

    def test_disk_full_when_it_is_ordered(self) -> None:
        with self.opened() as target:
            self.fill(target)
            with (
                mock.patch.object(os, "write", self._full_disk(100)),
                self.assertRaisesRegex(file.FileError, "order of time.*space"),
            ):
                target.finish([1, 0])
        self.assertEqual(["a.pcapng"], self.left())
        self.assertEqual(5, len(blocks.read(self.path).packets))

    def _full_disk(self, room: int) -> object:
        left = [room]

        def write(descriptor: int, data: bytes) -> int:
            if not left[0]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written = _REAL_WRITE(descriptor, data[: left[0]])
            left[0] -= written
            return written

        return write
