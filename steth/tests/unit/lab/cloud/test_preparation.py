# SPDX-License-Identifier: Apache-2.0
"""How what is prepared is found again."""

import os
import pathlib
import tempfile
import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import processes
from steth.lab.cloud import cache
from steth.lab.cloud import configuration
from steth.lab.cloud import preparation


class PreparationTestCase(unittest.TestCase):
    """What went into it names it, and its scripts find their interpreter."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def names(self, version: str = "one") -> tuple[str, str]:
        """Return the names of what is prepared with a database server."""
        with mock.patch.object(
            commands, "run", autospec=True, return_value=version
        ):
            found = preparation.Preparation(cache.Cache(self.directory))
        return found._environment.name, found._databases.name

    def test_the_same_is_found_again(self) -> None:
        self.assertEqual(self.names(), self.names())

    def test_another_server_gets_its_own_databases(self) -> None:
        before, after = self.names(), self.names("two")
        self.assertEqual(before[0], after[0])
        self.assertNotEqual(before[1], after[1])

    def test_another_version_gets_its_own_everything(self) -> None:
        before = self.names()
        other = self.directory / "requirements.txt"
        other.write_text("neutron==1.0.0\n")
        with mock.patch.object(preparation, "REQUIREMENTS", other):
            after = self.names()
        self.assertNotEqual(before[0], after[0])
        self.assertNotEqual(before[1], after[1])

    def test_other_settings_of_keystone_need_its_databases_anew(self) -> None:
        before = self.names()
        with mock.patch.object(
            configuration, "keystone", autospec=True, return_value=""
        ):
            self.assertNotEqual(before[1], self.names()[1])

    def test_what_installs_is_found_when_it_is_left_alone(self) -> None:
        with (
            mock.patch.object(
                commands, "run", autospec=True, return_value="one"
            ) as run,
            mock.patch.dict(os.environ, {"HTTPS_PROXY": "http://proxy"}),
        ):
            found = preparation.Preparation(cache.Cache(self.directory))
            new = self.directory / "made.new"
            (new / "bin").mkdir(parents=True)
            found._install(new)
        for one in run.call_args_list[1:]:
            self.assertEqual(
                ("http://proxy", str(self.directory / "host.new")),
                (
                    one.kwargs["marks"]["HTTPS_PROXY"],
                    one.kwargs["marks"][processes.LAB_MARK],
                ),
            )
        self.assertEqual(3, run.call_count)

    def test_scripts_get_the_final_name(self) -> None:
        programs = self.directory / "made.new" / "bin"
        programs.mkdir(parents=True)
        script = programs / "neutron-server"
        script.write_text(f"#!{programs}/python\n{programs}\n")
        other = programs / "activate"
        other.write_text(f"# {programs}\n")
        (programs / "python").symlink_to("/usr/bin/python3")
        final = self.directory / "made"
        preparation._rename(programs.parent, final)
        self.assertEqual(
            f"#!{final}/bin/python\n{programs}\n", script.read_text()
        )
        self.assertEqual(f"# {programs}\n", other.read_text())
