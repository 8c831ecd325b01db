# SPDX-License-Identifier: Apache-2.0
"""What is read of dpkg and apt."""

import pathlib
import tempfile
import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import errors
from steth.lab.kernel import debian

# Status, name, version, essential, provides, what it depends on.
_ROWS = (
    ("installed", "dash", "0.5", "yes", "", "debianutils (>= 5), "),
    ("installed", "debianutils", "5", "yes", "", ", libc6"),
    ("installed", "libc6", "2.36", "", "libc-any (= 1), libc6-x", ", "),
    (
        *("installed", "iproute2", "6.1", "", ""),
        "debconf (>= 0.5) | debconf-2.0, libcap2:any, libc-any",
    ),
    ("installed", "cdebconf", "1", "", "debconf-2.0", ", "),
    ("config-files", "libcap2", "1", "", "", ", "),
    ("installed", "other", "1", "", "", ", "),
)
LISTED = "".join("\t".join(one) + "\n" for one in _ROWS)

SHOWN = """\
Package: busybox-static
Version: 1:1.35
Depends: libc6

Package: linux-image-cloud-amd64
Version: 6.1.192-2
Description: Linux
 Depends: nothing that counts
Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)
"""


class DebianTestCase(unittest.TestCase):
    """The tools' answers are canned."""

    def setUp(self) -> None:
        patch = mock.patch.object(commands, "run", autospec=True)
        self.run_tool = patch.start()
        self.addCleanup(patch.stop)

    def test_all_that_packages_need(self) -> None:
        self.run_tool.return_value = LISTED
        self.assertEqual(
            ["cdebconf", "dash", "debianutils", "iproute2", "libc6"],
            list(debian.Installed().closure(["iproute2"])),
        )

    def test_a_package_that_is_not_there(self) -> None:
        self.run_tool.return_value = LISTED
        with self.assertRaisesRegex(
            errors.LabError, "apt-get install libcap2 tcpdump"
        ):
            debian.Installed().closure(["tcpdump", "dash", "libcap2"])

    def test_what_apt_would_install(self) -> None:
        self.run_tool.return_value = SHOWN
        kernel, shell = debian.candidates(
            "linux-image-cloud-amd64", "busybox-static"
        )
        self.assertEqual(
            (("linux-image-6.1.0-56-cloud-amd64",),), kernel.depends
        )
        self.assertEqual(
            ("busybox-static", "1:1.35"), (shell.name, shell.version)
        )

    def test_a_package_that_apt_does_not_know(self) -> None:
        self.run_tool.side_effect = errors.LabError("E: No packages found")
        with self.assertRaisesRegex(errors.LabError, "apt-get update"):
            debian.candidates("linux-image-cloud-amd64")

    def test_unpack(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)

            def run(argv: list[str], **_: object) -> str:
                if "download" in argv:
                    (directory / "tini_0.19-1_amd64.deb").touch()
                    self.assertEqual(name, argv[2])
                else:
                    self.assertTrue(pathlib.Path(argv[2]).exists())
                return ""

            self.run_tool.side_effect = run
            debian.unpack("tini", directory)
            self.assertEqual([], list(directory.iterdir()))
        self.assertEqual(2, self.run_tool.call_count)
