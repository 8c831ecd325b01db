# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from typing import ClassVar
import unittest

from steth.checks import base
from steth.checks import runner
from steth.controller import outcome
from steth.model import agent
from steth.model import inventory
from steth.model import report
from steth.rpc import contract
from steth.rpc import requests


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
