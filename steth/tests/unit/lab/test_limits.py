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
        self.file = root / "sys" / NAME
        self.file.parent.mkdir(parents=True)
        self.file.write_text("1024\n")
        self.labs = [root / "a.json", root / "b.json"]
        for one in self.labs:
            one.touch()
        for name, value in (
            ("_SYS", root / "sys"),
            ("_REGISTER", root / "register.json"),
        ):
            patch = mock.patch.object(limits, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def raised(self, lab: int = 0, hosts: int = 50) -> int:
        """Raise for a lab; return the limit."""
        limits.raise_limits(self.labs[lab], hosts, trunk=False)
        return int(self.file.read_text())

    def released(self, lab: int = 0) -> int:
        """Remove a lab; return the limit."""
        limits.release(self.labs[lab])
        self.labs[lab].unlink(missing_ok=True)
        return int(self.file.read_text())

    def test_a_small_lab_changes_nothing(self) -> None:
        self.assertEqual(1024, self.raised(hosts=3))

    def test_a_full_mesh_of_50_hosts_fits(self) -> None:
        self.assertGreater(self.raised(), 50 * 49 * 3)
        self.assertEqual(1024, self.released())
        self.assertFalse(limits._REGISTER.exists())

    def test_a_trunk_has_room_for_every_vlan(self) -> None:
        name = "net/core/rmem_default"
        for trunk in (False, True):
            needed = limits.needed(4, trunk=trunk)
            self.assertEqual(trunk, name in needed)

    def test_what_somebody_else_set_is_left(self) -> None:
        self.raised()
        self.file.write_text("99999")
        self.assertEqual(99999, self.released())
        # And is what it has to be again, the next time.
        self.assertGreater(self.raised(hosts=150), 99999)
        self.assertEqual(99999, self.released())

    def test_the_last_lab_sets_back_what_the_first_raised(self) -> None:
        most = self.raised(0)
        self.assertEqual(most, self.raised(1))
        self.assertEqual(most, self.released(0))
        self.assertEqual(1024, self.released(1))

    def test_a_second_lab_raises_further(self) -> None:
        for order in ((0, 1), (1, 0)):
            some = self.raised(0)
            more = self.raised(1, hosts=100)
            self.assertGreater(more, some)
            self.assertEqual(more, self.released(order[0]))
            self.assertEqual(1024, self.released(order[1]))
            for one in self.labs:
                one.touch()

    def test_a_lab_whose_files_are_gone_holds_nothing(self) -> None:
        self.raised(0)
        self.raised(1)
        self.labs[0].unlink()
        self.assertEqual(1024, self.released(1))

    def test_killed_before_it_was_raised(self) -> None:
        some = self.raised(0)
        with (
            mock.patch.object(
                limits, "_write", autospec=True, side_effect=KeyboardInterrupt
            ),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.raised(1, hosts=100)
        self.assertEqual(some, self.released(1))
        self.assertEqual(1024, self.released(0))

    def test_a_damaged_register_is_named(self) -> None:
        limits._REGISTER.write_text("{")
        with self.assertRaisesRegex(errors.LabError, "json is damaged"):
            self.raised()

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
            self.raised()
