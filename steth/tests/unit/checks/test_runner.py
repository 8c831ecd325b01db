# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from typing import ClassVar
import unittest
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.controller import outcome
from steth.model import agent
from steth.model import inventory
from steth.model import report
from steth.report import plain
from steth.rpc import contract
from steth.rpc import requests
from steth.tests.unit.report import samples


class _NoFleet:
    agents: tuple[agent.AgentRow, ...] = (
        agent.AgentRow(host="a", status=agent.AgentStatus.SILENT, reason="x"),
    )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        raise AssertionError("nobody is asked here")


class _Passing(base.Check):
    name: ClassVar[str] = "passing"
    summary: ClassVar[str] = ""
    operations: ClassVar[tuple[contract.Operation, ...]] = ()
    status = report.CheckStatus.PASSED

    def run(self, context: base.Context) -> base.CheckOutcome:
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name, status=self.status, duration=0.0
            )
        )


class _Broken(_Passing):
    name: ClassVar[str] = "broken"

    def run(self, context: base.Context) -> base.CheckOutcome:
        raise KeyError("lost")


class _Misused(_Passing):
    def run(self, context: base.Context) -> base.CheckOutcome:
        raise base.UsageError("no such thing")


class _Unmet(_Passing):
    name: ClassVar[str] = "unmet"

    def unmet(self, context: base.Context) -> str | None:
        return "no cloud"

    def run(self, context: base.Context) -> base.CheckOutcome:
        raise AssertionError("what is not met is not run")


class _Idle(_Unmet):
    name: ClassVar[str] = "idle"

    def nothing_to_check(self, context: base.Context) -> str | None:
        return "no trunk"


class _Finding(_Passing):
    status = report.CheckStatus.FAILED

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def run(self, context: base.Context) -> base.CheckOutcome:
        return base.CheckOutcome(
            result=super().run(context).result,
            findings=(samples.no_carrier(check=self.name),),
        )


class RunnerTestCase(unittest.TestCase):
    """One report, whatever becomes of a check."""

    def setUp(self) -> None:
        self.context = base.Context(
            fleet=_NoFleet(), inventory=inventory.Inventory()
        )

    def test_a_broken_check_is_inconclusive_and_the_others_run(self) -> None:
        told = runner.run("x", [_Broken(), _Passing()], self.context, ["note"])
        self.assertEqual(
            [report.CheckStatus.INCONCLUSIVE, report.CheckStatus.PASSED],
            [one.status for one in told.checks],
        )
        self.assertIn("KeyError('lost')", told.checks[0].reason or "")
        self.assertEqual(report.Verdict.INCONCLUSIVE, told.verdict)
        self.assertEqual(("note",), told.notes)
        self.assertEqual(["a"], [one.host for one in told.agents])

    def test_healthy(self) -> None:
        told = runner.run("x", [_Passing()], self.context)
        self.assertEqual(report.Verdict.HEALTHY, told.verdict)

    def test_nothing_run_is_not_healthy(self) -> None:
        told = runner.run("x", [], self.context)
        self.assertEqual(report.Verdict.INCONCLUSIVE, told.verdict)

    def test_a_mistake_of_the_user_is_told(self) -> None:
        with self.assertRaises(base.UsageError):
            runner.run("x", [_Misused()], self.context)

    def test_a_mistake_in_one_check_costs_no_others_outcome(self) -> None:
        told = runner.run("x", [_Passing(), _Misused()], self.context)
        self.assertEqual(
            [
                (report.CheckStatus.PASSED, None),
                (report.CheckStatus.INCONCLUSIVE, "no such thing"),
            ],
            [(one.status, one.reason) for one in told.checks],
        )

    def test_an_unmet_requirement_is_told(self) -> None:
        told = runner.run("x", [_Unmet(), _Passing()], self.context)
        self.assertEqual(
            [
                (report.CheckStatus.SKIPPED, "no cloud"),
                (report.CheckStatus.PASSED, None),
            ],
            [(one.status, one.reason) for one in told.checks],
        )
        self.assertEqual(report.Verdict.INCONCLUSIVE, told.verdict)

    def test_nothing_to_check_leaves_the_verdict_to_the_others(self) -> None:
        told = runner.run("x", [_Idle(), _Passing()], self.context)
        self.assertEqual(report.Verdict.HEALTHY, told.verdict)
        idle, _ = told.checks
        self.assertEqual(
            (
                report.CheckStatus.SKIPPED,
                False,
                "nothing configured: no trunk",
            ),
            (idle.status, idle.applicable, idle.reason),
        )

    def test_nothing_to_check_at_all_is_not_healthy(self) -> None:
        told = runner.run("x", [_Idle()], self.context)
        self.assertEqual(report.Verdict.INCONCLUSIVE, told.verdict)

    def test_switch_ports_that_are_not_known_are_a_note(self) -> None:
        said = ["no switch port is known of compute7: why"]
        with mock.patch(
            "steth.checks.switch_ports.named",
            autospec=True,
            side_effect=lambda findings, _: (list(findings), said),
        ):
            told = runner.run("x", [_Finding("a")], self.context, ["first"])
        self.assertEqual(("first", *said), told.notes)

    def test_one_fault_of_two_checks_is_one_finding(self) -> None:
        told = runner.run("x", [_Finding("a"), _Finding("b")], self.context)
        (found,) = told.findings
        self.assertEqual("a", found.check)
        self.assertEqual(("b",), found.also_found_by)
        self.assertEqual([1, 1], [row[4] for row in plain.checks(told)[1]])
