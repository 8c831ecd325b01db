# SPDX-License-Identifier: Apache-2.0
"""Kernel limits that a large lab needs."""

import pathlib
import tempfile
import unittest
from unittest import mock

from steth.lab import errors
from steth.lab import limits

NAME = "net/ipv4/neigh/default/gc_thresh3"


class LimitsTestCase(unittest.TestCase):
    """Raised once, and set back only by who raised them."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        root = pathlib.Path(directory.name)
        self.file = root / NAME
        self.file.parent.mkdir(parents=True)
        self.file.write_text("1024\n")
        patch = mock.patch.object(limits, "_SYS", root)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_small_lab_changes_nothing(self) -> None:
        self.assertEqual({}, limits.raise_limits(3, trunk=False))
        self.assertEqual("1024\n", self.file.read_text())

    def test_a_full_mesh_of_50_hosts_fits(self) -> None:
        raised = limits.raise_limits(50, trunk=False)
        self.assertEqual([NAME], list(raised))
        self.assertGreater(int(self.file.read_text()), 50 * 49 * 3)
        limits.restore(raised)
        self.assertEqual("1024", self.file.read_text())

    def test_a_trunk_has_room_for_every_vlan(self) -> None:
        name = "net/core/rmem_default"
        for trunk in (False, True):
            needed = limits.needed(4, trunk=trunk)
            self.assertEqual(trunk, name in needed)

    def test_what_somebody_else_set_is_left(self) -> None:
        raised = limits.raise_limits(50, trunk=False)
        self.file.write_text("99999")
        limits.restore(raised)
        self.assertEqual("99999", self.file.read_text())

    def test_one_that_cannot_be_raised_is_named(self) -> None:
        with (
            mock.patch.object(
                pathlib.Path,
                "write_text",
                autospec=True,
                side_effect=PermissionError(13, "no"),
            ),
            self.assertRaisesRegex(errors.LabError, "gc_thresh3 to .*: no;"),
        ):
            limits.raise_limits(50, trunk=False)
