# SPDX-License-Identifier: Apache-2.0

import json
import time

from steth.model import agent
from steth.osc.v1 import agent as agent_commands
from steth.rpc import contract
from steth.tests.unit.osc import fakes

SILENT = fakes.row(
    "compute2",
    status=agent.AgentStatus.SILENT,
    transport=None,
    version=None,
    uptime=None,
    operations=(),
    address="192.0.2.2",
    expected_by=("configuration", "nova"),
    reason="no answer on bus or 9698",
)


class ListAgentTestCase(fakes.CommandTestCase):
    """A row for each agent, formatted for people or for machines."""

    def list(self, *arguments: str) -> int:
        return self.run_command(agent_commands.ListAgent, *arguments)

    def test_all_well(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"))
        self.assertEqual(0, self.list())
        self.assertEqual(
            """\
+----------+--------+-----------+---------+---------+
| Host     | Status | Transport | Version | Uptime  |
+----------+--------+-----------+---------+---------+
| compute1 | up     | bus       | 1.0.0   | 1 d 2 h |
+----------+--------+-----------+---------+---------+
""",
            self.output,
        )

    def test_silent(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"), SILENT)
        self.assertEqual(0, self.list())
        self.assertIn(
            "| compute2 | silent | -         | -       | -       | no answer",
            self.output,
        )

    def test_json(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"), SILENT)
        self.assertEqual(0, self.list("-f", "json", "--long"))
        up, silent = json.loads(self.output)
        self.assertEqual(93784.5, up["Uptime"])
        self.assertEqual(["inspect.agent", "probe.icmp"], up["Operations"])
        self.assertIsNone(up["Reason"])
        self.assertEqual(
            {
                "Host": "compute2",
                "Status": "silent",
                "Transport": None,
                "Version": None,
                "Uptime": None,
                "Address": "192.0.2.2",
                "Expected By": ["configuration", "nova"],
                "Operations": [],
                "Reason": "no answer on bus or 9698",
            },
            silent,
        )

    def test_column_of_reasons(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"))
        self.assertEqual(0, self.list("-c", "Host", "-c", "Reason"))
        self.assertIn("Reason", self.output)

    def test_options(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"))
        self.list("--transport", "direct", "--timeout", "7.5")
        self.assertEqual({"transport": "direct", "timeout": 7.5}, self.asked)

    def test_notes(self) -> None:
        self.fleet = fakes.Fleet(fakes.row("compute1"))
        self.notes = ["no bus: %s"]
        with self.assertLogs(level="WARNING") as logged:
            self.list()
        self.assertEqual(
            ["no bus: %s"], [one.getMessage() for one in logged.records]
        )
        self.assertNotIn("no bus", self.output)


class ShowAgentTestCase(fakes.CommandTestCase):
    """All that is known of one agent."""

    def test_up(self) -> None:
        self.fleet = fakes.Fleet(
            fakes.row("compute1"),
            answer=lambda host: agent.AgentInfo(
                host=host,
                version="1.0.0",
                contract=contract.VERSION,
                operations=(),
                time=time.time() + 100,
                uptime=1.0,
            ),
        )
        self.run_command(agent_commands.ShowAgent, "compute1", "-f", "json")
        shown = json.loads(self.output)
        self.assertEqual(["compute1"], self.asked["hosts"])
        self.assertEqual("up", shown["status"])
        self.assertEqual(contract.VERSION, shown["contract"])
        self.assertAlmostEqual(100, shown["clock_offset"], delta=30)

    def test_silent(self) -> None:
        self.fleet = fakes.Fleet(SILENT)
        self.assertEqual(
            0, self.run_command(agent_commands.ShowAgent, "compute2")
        )
        self.assertIn("| clock_offset | -  ", self.output)
        self.assertIn("configuration, nova", self.output)
