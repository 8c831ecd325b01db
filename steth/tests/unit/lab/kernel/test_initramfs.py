# SPDX-License-Identifier: Apache-2.0
"""The archive that the kernel starts from."""

import pathlib
import stat
import tempfile
import unittest
from unittest import mock

from steth.lab import commands
from steth.lab.kernel import initramfs


def read(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Return mode and content of each entry, as cpio(5) has it."""
    found: dict[str, tuple[int, bytes]] = {}
    offset = 0
    while True:
        assert archive[offset : offset + 6] == b"070701"
        fields = [
            int(archive[at : at + 8], 16)
            for at in range(offset + 6, offset + 110, 8)
        ]
        mode, size, length = fields[1], fields[6], fields[11]
        start = offset + 110
        name = archive[start : start + length - 1].decode()
        start += length
        start += -start % 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, archive[start : start + size])
        offset = start + size
        offset += -offset % 4


class InitramfsTestCase(unittest.TestCase):
    """What is in it, and in which order it is loaded."""

    def test_build(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            files = {"busybox": b"shell", "b.ko": b"second", "a.ko": b"x"}
            for one, content in files.items():
                (directory / one).write_bytes(content)
            found = read(
                initramfs.build(
                    directory / "busybox",
                    [directory / "b.ko", directory / "a.ko"],
                )
            )
        self.assertEqual(
            (stat.S_IFREG | 0o755, b"shell"), found[initramfs.SHELL]
        )
        self.assertEqual(stat.S_IFREG | 0o755, found["init"][0])
        self.assertEqual(stat.S_IFDIR | 0o755, found["lower"][0])
        self.assertEqual(b"b.ko\na.ko\n", found["modules/order"][1])
        self.assertEqual(b"second", found["modules/b.ko"][1])

    def test_modules_once_and_in_order(self) -> None:
        told = {
            "virtio_pci": "insmod /m/ring.ko \ninsmod /m/pci.ko opt=1\n",
            "virtio_blk": "insmod /m/ring.ko\ninsmod /m/blk.ko\n",
            "overlay": "builtin overlay\n",
        }
        with mock.patch.object(
            commands,
            "run",
            autospec=True,
            side_effect=lambda argv: told.get(argv[-1], ""),
        ):
            found = initramfs.module_files(pathlib.Path("/m"), "6.1")
        self.assertEqual(
            ["ring.ko", "pci.ko", "blk.ko"], [one.name for one in found]
        )
