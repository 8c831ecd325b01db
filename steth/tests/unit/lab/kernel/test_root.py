# SPDX-License-Identifier: Apache-2.0
"""What is copied of this machine."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

from steth.lab import commands
from steth.lab.kernel import root


class RootTestCase(unittest.TestCase):
    """The project is no part of it; links stay links."""

    def test_the_project_is_not_in_the_key(self) -> None:
        said = root.python()
        self.assertIn(sys.prefix, said)
        self.assertEqual([], [one for one in said if "steth==" in one])
        self.assertTrue([one for one in said if one.startswith("msgspec==")])

    def test_the_projects_files(self) -> None:
        found = root.project_files()
        self.assertTrue(all(one.is_absolute() for one in found))
        self.assertIn("entry_points.txt", {one.name for one in found})

    def test_its_metadata_goes_with_its_files(self) -> None:
        metadata = next(
            one.parent
            for one in root.project_files()
            if one.name == "entry_points.txt"
        )
        self.assertEqual(
            {metadata.name},
            root._ignore_project(
                str(metadata.parent), [metadata.name, "msgspec"]
            ),
        )

    def test_alternatives(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            pathlib.Path(name, "awk").write_text(
                "auto\n/usr/bin/awk\nnawk\n/usr/bin/nawk\n\n"
                "/usr/bin/gawk\n10\n/usr/bin/x\n\n"
            )
            with mock.patch.object(
                root, "_ALTERNATIVES_RECORDS", pathlib.Path(name)
            ):
                self.assertEqual(
                    ["/usr/bin/awk", "/usr/bin/nawk"],
                    [str(one) for one in root._alternatives()],
                )

    def test_copy(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            source, target = pathlib.Path(name, "s"), pathlib.Path(name, "t")
            (source / "lib").mkdir(parents=True)
            (source / "merged").symlink_to("lib")
            (source / "lib/tool").write_text("x")
            (source / "lib/tool").chmod(0o711)
            (source / "lib/other").symlink_to("tool")
            for one in ("merged", "lib/tool", "merged/other", "merged/none"):
                root._copy(source / one, target)
                root._copy(source / one, target)
            there = target / source.relative_to("/")
            self.assertEqual("lib", str((there / "merged").readlink()))
            self.assertEqual("tool", str((there / "lib/other").readlink()))
            self.assertEqual(
                0o711, (there / "lib/tool").stat().st_mode & 0o777
            )
            self.assertFalse((there / "lib/none").exists())

    def test_libraries(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            source, target = pathlib.Path(name, "s"), pathlib.Path(name, "t")
            source.mkdir()
            (source / "libx.so.1.2").write_text("x")
            (source / "libx.so.1").symlink_to("libx.so.1.2")
            told = (
                "\tlinux-vdso.so.1 (0x00007ffd)\n"
                f"\tlibx.so.1 => {source}/libx.so.1 (0x00007f)\n"
                "\tliby.so.1 => not found\n"
            )
            with mock.patch.object(
                commands, "run", autospec=True, return_value=told
            ):
                root._copy_libraries([pathlib.Path("/bin/x")], target)
            self.assertEqual(
                ["libx.so.1", "libx.so.1.2"],
                sorted(
                    one.name
                    for one in (target / source.relative_to("/")).iterdir()
                ),
            )
