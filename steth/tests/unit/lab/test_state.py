# SPDX-License-Identifier: Apache-2.0
"""What a lab remembers."""

import pathlib
import stat
import tempfile
import unittest

from steth.lab import errors
from steth.lab import layout
from steth.lab import state


class StateTestCase(unittest.TestCase):
    """The file and the lock."""

    def setUp(self) -> None:
        parent = tempfile.TemporaryDirectory()
        self.addCleanup(parent.cleanup)
        self.directory = pathlib.Path(parent.name, "lab")
        self.state = state.State(
            shape=layout.Shape(hosts=2),
            broker_password="one",
            direct_password="two",
            faults=[state.Injection(fault="filtered", hosts=("compute1",))],
        )

    def test_what_is_saved_is_loaded(self) -> None:
        self.directory.mkdir()
        self.assertIsNone(state.load(self.directory))
        state.save(self.directory, self.state)
        self.assertEqual(self.state, state.load(self.directory))

    def test_only_root_reads_the_passwords(self) -> None:
        with state.lock(self.directory, create=True):
            state.save(self.directory, self.state)
        for path in (self.directory, *self.directory.iterdir()):
            self.assertEqual(0, stat.S_IMODE(path.stat().st_mode) & 0o077)

    def test_a_damaged_file_is_named(self) -> None:
        self.directory.mkdir()
        (self.directory / "steth-lab.json").write_text('{"shape": 3}')
        with self.assertRaisesRegex(errors.LabError, "steth-lab.json is dam"):
            state.load(self.directory)

    def test_remove_leaves_what_is_not_the_labs(self) -> None:
        self.directory.mkdir()
        other = self.directory / "state.json"
        other.write_text("{}")
        state.save(self.directory, self.state)
        state.files(self.directory).mkdir()
        self.assertTrue(state.is_foreign(self.directory))
        self.assertTrue(state.remove(self.directory))
        self.assertEqual([other], list(self.directory.iterdir()))
        other.unlink()
        self.assertFalse(state.is_foreign(self.directory))
        self.assertTrue(state.remove(self.directory))
        self.assertFalse(self.directory.exists())
        self.assertFalse(state.remove(self.directory))

    def test_lock_makes_the_directory_only_when_told(self) -> None:
        with self.assertRaises(FileNotFoundError), state.lock(self.directory):
            self.fail("locked what is not there")
        with state.lock(self.directory, create=True):
            self.assertTrue(self.directory.is_dir())

    def test_a_second_command_waits_and_gives_up(self) -> None:
        before = state._LOCK_TIMEOUT
        self.addCleanup(setattr, state, "_LOCK_TIMEOUT", before)
        state._LOCK_TIMEOUT = 0.0
        with (
            state.lock(self.directory, create=True),
            self.assertRaisesRegex(errors.LabError, "another command"),
            state.lock(self.directory),
        ):
            self.fail("locked twice")
        with state.lock(self.directory):
            pass

    def test_injection_is_told_to_people(self) -> None:
        self.assertEqual(
            "mtu-path on compute1 (tunnel): 1400",
            str(
                state.Injection(
                    fault="mtu-path",
                    hosts=("compute1",),
                    network="tunnel",
                    value=1400,
                )
            ),
        )
        self.assertEqual(
            "one-way-loss on compute1 towards compute2",
            str(
                state.Injection(
                    fault="one-way-loss", hosts=("compute1",), peer="compute2"
                )
            ),
        )
