# SPDX-License-Identifier: Apache-2.0
"""When an image is built, and what stays."""

import os
import pathlib
import tempfile
import unittest
from unittest import mock

import msgspec

from steth.lab import commands
from steth.lab import errors
from steth.lab.kernel import debian
from steth.lab.kernel import image
from steth.lab.kernel import root

INPUTS = image._Inputs(
    kernel=debian.Package("linux", "6.1", (("linux-6.1-cloud",),)),
    busybox=debian.Package("busybox-static", "1.35", ()),
    packages={},
    python=["3.11"],
    sources=[""],
)


class ImageTestCase(unittest.TestCase):
    """A cache of the test's own; nothing is downloaded."""

    def setUp(self) -> None:
        self.cache = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory())
        )
        self.inputs = INPUTS
        self.made = self.enterContext(
            mock.patch.object(image, "_make_file_system", autospec=True)
        )
        self.modules = list(image.MODULES)
        for owner, name, effect in (
            (image, "_gather", lambda: self.inputs),
            (debian, "unpack", self.unpack),
            (root, "stage", None),
            (commands, "run", lambda argv: ""),
            (commands, "require", None),
        ):
            self.enterContext(
                mock.patch.object(
                    owner, name, autospec=True, side_effect=effect
                )
            )
        self.enterContext(mock.patch.object(image, "CACHE", self.cache))

    def unpack(self, name: str, directory: pathlib.Path) -> None:
        """Pretend that a package brought its files."""
        if name == "busybox-static":
            (directory / "bin").mkdir()
            (directory / "bin/busybox").touch()
            return
        self.assertEqual("linux-6.1-cloud", name)
        modules = directory / "lib/modules/6.1"
        modules.mkdir(parents=True)
        (directory / "boot").mkdir()
        (directory / "boot/vmlinuz-6.1").touch()
        for one in self.modules:
            (modules / f"{one.replace('_', '-')}.ko").touch()

    def prepare(self, python: str = "3.11") -> image.Image:
        """Return the image for an environment."""
        self.inputs = msgspec.structs.replace(INPUTS, python=[python])
        return image.prepare(lambda text: None)

    def test_it_is_built_once(self) -> None:
        first = self.prepare()
        self.assertEqual(first, self.prepare())
        self.assertEqual(1, self.made.call_count)
        self.assertEqual([first.directory], list(self.cache.iterdir()))
        self.assertTrue(first.kernel.exists())
        self.assertTrue(first.initramfs.exists())

    def test_another_environment_has_its_own(self) -> None:
        self.assertNotEqual(self.prepare(), self.prepare("3.12"))

    def test_the_latest_stay(self) -> None:
        made = []
        for number in range(5):
            made.append(self.prepare(str(number)))
            os.utime(made[-1].directory, (number, number))
        self.assertEqual(
            {one.directory for one in made[2:]}, set(self.cache.iterdir())
        )

    def test_a_failure_leaves_nothing(self) -> None:
        self.made.side_effect = errors.LabError("no space left")
        with self.assertRaises(errors.LabError):
            self.prepare()
        self.assertEqual([], list(self.cache.iterdir()))

    def test_what_a_killed_build_left(self) -> None:
        (self.cache / "new-abc/work").mkdir(parents=True)
        made = self.prepare()
        self.assertEqual([made.directory], list(self.cache.iterdir()))

    def test_a_kernel_that_lacks_modules(self) -> None:
        self.modules.remove("vport_vxlan")
        with self.assertRaisesRegex(errors.LabError, "6.1 has no vport_vxlan"):
            self.prepare()
