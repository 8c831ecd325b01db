# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
import json
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions
import yaml

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_connectivity
from steth.report import plain
from steth.report.tables import connectivity
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples


class CheckConnectivityTestCase(fakes.CommandTestCase):
    """A report is shown as was asked for, and tells the exit code."""

    def setUp(self) -> None:
        super().setUp()
        self.report = samples.of(samples.network())
        self.context: base.Context | None = None
        for place, name, fake in (
            (runner, "run", self._run),
            (inventory_conf, "read", lambda conf: inventory.Inventory()),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _run(
        self, command: str, checks: Any, context: base.Context, notes: Any
    ) -> report.Report:
        self.command = command
        self.context = context
        return self.report

    def check(self, *arguments: str) -> int:
        return self.run_command(
            check_connectivity.CheckConnectivity, *arguments
        )

    def test_for_people(self) -> None:
        self.assertEqual(0, self.check())
        self.assertIn("| mgmt    |    12 | 132/132 |  0 % |", self.output)
        self.assertTrue(
            self.output.endswith("2 agents answered (all on the bus), 4.2 s\n")
        )

    def test_json(self) -> None:
        self.check("-f", "json")
        self.assertEqual(
            json.loads(plain.to_json(self.report)), json.loads(self.output)
        )
        self.assertGreater(self.output.count("\n"), 10)

    def test_json_on_one_line(self) -> None:
        self.check("-f", "json", "--noindent")
        self.assertEqual(1, self.output.count("\n"))

    def test_yaml(self) -> None:
        self.check("-f", "yaml")
        self.assertEqual(
            json.loads(plain.to_json(self.report)),
            yaml.safe_load(self.output),
        )

    def test_rows(self) -> None:
        self.check("-f", "csv", "--quote", "none")
        header, row = self.output.splitlines()
        self.assertEqual(",".join(connectivity.TABLE.fields), header)
        self.assertIn(",12,12,132,132,1320,1320,0.0,0.08,0.21,1500,", row)

    def test_columns(self) -> None:
        self.check("-f", "json", "-c", "Network", "-c", "Loss Percent")
        self.assertEqual(
            [{"Network": "mgmt", "Loss Percent": 0.0}],
            json.loads(self.output),
        )

    def test_unknown_column(self) -> None:
        with self.assertRaisesRegex(ValueError, "No recognized column"):
            self.check("-c", "Colour")

    def test_exit_codes(self) -> None:
        for status, code in (
            (report.CheckStatus.PASSED, 0),
            (report.CheckStatus.WARNING, 0),
            (report.CheckStatus.FAILED, 3),
            (report.CheckStatus.INCONCLUSIVE, 4),
            (report.CheckStatus.SKIPPED, 4),
        ):
            self.report = samples.of(samples.network(), status=status)
            for form in ("table", "json", "yaml", "csv", "value"):
                with self.subTest(status=status, form=form):
                    self.assertEqual(code, self.check("-f", form))

    def test_options(self) -> None:
        self.check(
            *("--network", "mgmt", "--network", "tunnel", "--host", "a"),
            *("--count", "7", "--size", "100", "--transport", "bus"),
        )
        assert self.context is not None
        self.assertEqual(
            base.Options(
                hosts=("a",), networks=("mgmt", "tunnel"), count=7, size=100
            ),
            self.context.options,
        )
        self.assertEqual(
            {"hosts": ["a"], "transport": "bus", "timeout": None}, self.asked
        )
        self.assertEqual(
            "openstack steth check connectivity --network mgmt "
            "--network tunnel --host a --count 7 --size 100 --transport bus",
            self.command,
        )

    def test_wrong_usage(self) -> None:
        for arguments in (
            ("--count", "0"),
            ("--count", "1001"),
            ("--size", "63"),
            ("--size", "65536"),
            ("--timeout", "0"),
            ("--transport", "pigeon"),
            ("more",),
        ):
            with (
                self.subTest(arguments=arguments),
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit) as caught,
            ):
                self.check(*arguments)
            self.assertEqual(report.ExitCode.USAGE, caught.exception.code)

    def test_unknown_network(self) -> None:
        def run(*_: Any) -> None:
            raise base.UsageError("there is no network x")

        with (
            mock.patch.object(runner, "run", run),
            self.assertRaisesRegex(
                osc_exceptions.CommandError, "^there is no network x$"
            ),
        ):
            self.check("--network", "x")

    def test_width(self) -> None:
        self.report = samples.of(
            samples.network(), findings=(samples.no_carrier(),)
        )
        self.check("--max-width", "72")
        self.assertLessEqual(
            max(len(line) for line in self.output.splitlines()), 72
        )
