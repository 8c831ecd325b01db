# SPDX-License-Identifier: Apache-2.0
"""The command line, before it touches anything."""

import contextlib
import io
import unittest
from unittest import mock

from steth.lab import command
from steth.lab import errors
from steth.lab import lab


class CommandTestCase(unittest.TestCase):
    """What is called, and how failures are told."""

    def setUp(self) -> None:
        patch = mock.patch.object(lab, "Lab", autospec=True)
        self.lab = patch.start().return_value
        self.addCleanup(patch.stop)

    def run_command(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it said."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = command.main(arguments)
        return code, out.getvalue(), err.getvalue()

    def test_fault(self) -> None:
        self.lab.fault.return_value = "split on compute1, compute2"
        code, out, _ = self.run_command(
            *("fault", "split", "--host", "compute1", "--host", "compute2"),
            *("--network", "mgmt"),
        )
        self.assertEqual(0, code)
        self.assertEqual("injected: split on compute1, compute2\n", out)
        self.lab.fault.assert_called_once_with(
            "split",
            hosts=["compute1", "compute2"],
            peer=None,
            network="mgmt",
            value=None,
        )

    def test_list_needs_no_lab(self) -> None:
        code, out, _ = self.run_command("fault", "--list")
        self.assertEqual(0, code)
        self.assertIn("no-carrier", out)
        self.lab.fault.assert_not_called()

    def test_heal(self) -> None:
        self.lab.heal.return_value = ["filtered on compute1"]
        code, out, _ = self.run_command("heal")
        self.assertEqual((0, "healed: filtered on compute1\n"), (code, out))
        self.lab.heal.assert_called_once_with(None)

    def test_an_error_is_one_line(self) -> None:
        self.lab.heal.side_effect = errors.LabError("no fault x")
        code, out, err = self.run_command("heal", "x")
        self.assertEqual(1, code)
        self.assertEqual("", out)
        self.assertEqual("steth.lab: error: no fault x\n", err)

    def test_an_interrupt_says_how_to_go_on(self) -> None:
        self.lab.up.side_effect = KeyboardInterrupt
        code, _, err = self.run_command("up")
        self.assertEqual(130, code)
        self.assertIn("'down' removes", err)

    def test_wrong_usage(self) -> None:
        for arguments in ([], ["frob"], ["up", "--hosts", "many"]):
            with (
                self.subTest(arguments=arguments),
                self.assertRaises(SystemExit) as raised,
            ):
                self.run_command(*arguments)
            self.assertEqual(2, raised.exception.code)

    def test_what_exec_and_fault_lack_is_said(self) -> None:
        for arguments, said in (
            (("exec", "compute1"), "give a command to run in compute1"),
            (("fault",), "give a fault"),
        ):
            code, _, err = self.run_command(*arguments)
            self.assertEqual(1, code)
            self.assertIn(said, err)


class RootTestCase(unittest.TestCase):
    """Who may."""

    def test_only_root(self) -> None:
        with (
            mock.patch("os.geteuid", autospec=True, return_value=1000),
            self.assertRaisesRegex(errors.LabError, "needs root.*sudo"),
        ):
            lab.Lab("/nonexistent")
