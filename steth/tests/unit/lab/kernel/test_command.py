# SPDX-License-Identifier: Apache-2.0
"""The commands, without a machine."""

import contextlib
import io
import os
import pathlib
import unittest
from unittest import mock

from steth.lab import command
from steth.lab import commands
from steth.lab.kernel import acceleration
from steth.lab.kernel import image
from steth.lab.kernel import machine
from steth.lab.kernel import session
from steth.lab.kernel import source


class CommandTestCase(unittest.TestCase):
    """What is run, and what is told of how it ended."""

    def setUp(self) -> None:
        self.enterContext(
            mock.patch.object(
                acceleration,
                "choose",
                autospec=True,
                return_value=machine.Accelerator.TCG,
            )
        )
        self.prepare = self.enterContext(
            mock.patch.object(
                image,
                "prepare",
                autospec=True,
                return_value=image.Image(pathlib.Path("/cache/key")),
            )
        )
        self.enterContext(
            mock.patch.object(commands, "require", autospec=True)
        )
        self.enterContext(mock.patch.object(machine, "start", autospec=True))
        self.life = self.enterContext(
            mock.patch.object(session, "Session", autospec=True)
        ).return_value
        self.life.last_words = "panic"
        self.job = self.enterContext(
            mock.patch.object(
                source,
                "job",
                autospec=True,
                side_effect=lambda *_: os.dup(0),
            )
        )

    def run_command(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it said."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = command.main(["kernel", *arguments])
        return code, out.getvalue(), err.getvalue()

    def test_the_commands_exit_status_is_ours(self) -> None:
        self.life.exit_status = 7
        for arguments in (("--", "ls", "-l"), ("ls", "-l")):
            code, _, err = self.run_command("run", *arguments)
            self.assertEqual((7, ""), (code, err))
            self.job.assert_called_with(["ls", "-l"], image.MODULES)
        self.life.follow.assert_called_with(600.0)

    def test_too_long(self) -> None:
        self.life.follow.return_value = False
        code, _, err = self.run_command("run", "--timeout", "3", "ls")
        self.assertEqual(124, code)
        self.assertIn("ended after 3 s", err)

    def test_a_machine_that_broke(self) -> None:
        self.life.exit_status = None
        code, _, err = self.run_command("run", "ls")
        self.assertEqual(1, code)
        self.assertIn("panic", err)

    def test_interrupted(self) -> None:
        self.life.follow.side_effect = KeyboardInterrupt
        code, _, err = self.run_command("run", "ls")
        self.assertEqual(130, code)
        self.assertNotIn("'down'", err)

    def test_no_command(self) -> None:
        code, _, err = self.run_command("run")
        self.assertEqual(1, code)
        self.assertIn("give a command", err)
        self.prepare.assert_not_called()

    def test_a_shell_without_a_terminal(self) -> None:
        with mock.patch("sys.stdin", io.StringIO()):
            code, _, err = self.run_command("shell")
        self.assertEqual(1, code)
        self.assertIn("terminal", err)

    def test_prepare(self) -> None:
        code, out, _ = self.run_command("prepare")
        self.assertEqual(0, code)
        self.assertIn("/cache/key, run by TCG", out)
