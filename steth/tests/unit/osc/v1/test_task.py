# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
import contextlib
import io
import json

from osc_lib import exceptions as osc_exceptions

from steth.controller import outcome
from steth.model import agent
from steth.model import report
from steth.model import task
from steth.osc.v1 import task as commands
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.osc import fakes

_ID = "0123456789abcdef" * 2
_TASK = task.TaskInfo(
    id=_ID,
    kind="probe.throughput_server",
    detail="iperf3 on 192.0.2.1",
    started_at="2026-01-01T00:00:00.000+00:00",
    lease_end="2026-01-01T00:01:00.000+00:00",
    remaining=59.5,
)


class _Fleet(fakes.Fleet):
    """One agent has a task, one does not say, one is silent."""

    def __init__(self) -> None:
        super().__init__(
            fakes.row("compute1"),
            fakes.row("compute2"),
            fakes.row(
                "compute3", status=agent.AgentStatus.SILENT, reason="no answer"
            ),
        )
        self.asked: list[tuple[str, list[str]]] = []

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Answer as the agents do."""
        self.asked.append((operation.name, list(asked)))
        found = {
            "compute1": outcome.Outcome(
                host="compute1",
                data=_TASK
                if operation.name == "task.stop"
                else task.TaskList(tasks=(_TASK,)),
            ),
            "compute2": outcome.Outcome(
                host="compute2",
                error=errors.OperationError(
                    errors.ErrorCode.BAD_ARGUMENT, "id: there is no task"
                ),
            ),
        }
        return {host: found[host] for host in asked}


class TaskTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.fleet: _Fleet = _Fleet()

    def test_list(self) -> None:
        with self.assertLogs(level="WARNING") as logs:
            code = self.run_command(commands.ListTask, "-f", "json")
        # Those who do not say may have more.
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        (row,) = json.loads(self.output)
        self.assertEqual(
            ("compute1", _ID, "probe.throughput_server", 59.5),
            tuple(
                row[one] for one in ("Host", "ID", "Operation", "Lease Left")
            ),
        )
        self.assertEqual(
            [("task.list", ["compute1", "compute2"])], self.fleet.asked
        )
        self.assertEqual(2, len(logs.output))
        self.assertIn("compute3: no answer", logs.output[0])
        self.assertIn("compute2: id: there is no task", logs.output[1])

    def test_all_say(self) -> None:
        self.fleet.agents = self.fleet.agents[:1]
        self.assertEqual(0, self.run_command(commands.ListTask))

    def test_for_people(self) -> None:
        with self.assertLogs(level="WARNING"):
            self.run_command(commands.ListTask)
        self.assertIn("| 59 s", self.output)

    def test_hosts(self) -> None:
        for arguments, hosts in (((), ()), (("compute1",), ["compute1"])):
            with self.assertLogs(level="WARNING"):
                self.run_command(commands.ListTask, *arguments)
            self.assertEqual(hosts, self.asked["hosts"])

    def test_stop(self) -> None:
        self.run_command(commands.StopTask, "compute1", _ID)
        self.assertEqual([("task.stop", ["compute1"])], self.fleet.asked)
        self.assertEqual("", self.output)

    def test_stop_one_that_is_not_there(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, "^compute2: id: there is no task$"
        ):
            self.run_command(commands.StopTask, "compute2", _ID)

    def test_wrong_usage(self) -> None:
        for wrong in ("1", _ID.upper(), f"{_ID}0"):
            with (
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit),
            ):
                self.run_command(commands.StopTask, "compute1", wrong)
