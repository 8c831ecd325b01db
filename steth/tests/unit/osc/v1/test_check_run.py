# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import json
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_run
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples


class RunCheckTestCase(fakes.CommandTestCase):
    """Several checks are chosen, run and shown as one."""

    def setUp(self) -> None:
        super().setUp()
        self.ran: list[str] = []
        for place, name, fake in (
            (runner, "run", self._run),
            (inventory_conf, "read", lambda conf: inventory.Inventory()),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _run(
        self,
        command: str,
        checks: list[base.Check],
        context: base.Context,
        notes: Any,
    ) -> report.Report:
        self.command = command
        self.context = context
        self.ran = [one.name for one in checks]
        return samples.of(samples.network())

    def check(self, *arguments: str) -> int:
        return self.run_command(check_run.RunCheck, *arguments)

    def test_a_row_for_each_check(self) -> None:
        self.assertEqual(0, self.check("connectivity", "-f", "json"))
        self.assertEqual(
            "connectivity", json.loads(self.output)["checks"][0]["name"]
        )
        self.app.stdout.truncate(0)
        self.app.stdout.seek(0)
        self.check("connectivity", "-f", "csv", "--quote", "none")
        self.assertEqual(
            "Check,Status,Reason,Duration,Findings",
            self.output.splitlines()[0],
        )

    def test_choice(self) -> None:
        self.check("--suite", "predeploy")
        self.assertIn("connectivity", self.ran)
        self.check()
        self.assertIn("connectivity", self.ran)
        self.check("connectivity", "--host", "a", "--network", "mgmt")
        self.assertEqual(["connectivity"], self.ran)
        self.assertEqual(
            base.Options(hosts=("a",), networks=("mgmt",)),
            self.context.options,
        )
        self.assertEqual(
            "openstack steth check run --network mgmt --host a connectivity",
            self.command,
        )

    def test_unknown(self) -> None:
        for arguments in (("nothing",), ("--skip", "nothing")):
            with (
                self.subTest(arguments=arguments),
                self.assertRaisesRegex(
                    osc_exceptions.CommandError,
                    "^there is no check 'nothing'; there are: .*connectivity",
                ),
            ):
                self.check(*arguments)
        self.assertEqual([], self.ran)

    def test_unknown_suite(self) -> None:
        with (
            contextlib.redirect_stderr(io.StringIO()) as said,
            self.assertRaises(SystemExit) as caught,
        ):
            self.check("--suite", "nothing")
        self.assertEqual(report.ExitCode.USAGE, caught.exception.code)
        self.assertIn("predeploy", said.getvalue())
