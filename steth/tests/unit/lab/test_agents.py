# SPDX-License-Identifier: Apache-2.0
"""How an agent's condition is told."""

import unittest
from unittest import mock

from steth.lab import agents
from steth.lab import errors
from steth.lab import processes
from steth.lab import services


def process(pid: int, state: str = "S") -> processes.Process:
    """Return a process of some host."""
    return processes.Process(
        pid=pid,
        started=1,
        inner_pid=1,
        inner_session=0,
        namespace="pid:[1]",
        command="steth-agent",
        state=state,
    )


class AgentsTestCase(unittest.TestCase):
    """From a host's processes and ports."""

    def condition(self, states: str, *ports: int) -> agents.Condition:
        """Return the condition of an agent with processes in these states."""
        found = [process(10 + at, state) for at, state in enumerate(states)]
        with (
            mock.patch.object(
                services.Service, "members", autospec=True, return_value=found
            ),
            mock.patch.object(
                services, "listening", autospec=True, return_value={*ports}
            ),
        ):
            return agents.Agents({}).conditions({"compute1": process(2)})[
                "compute1"
            ]

    def test_conditions(self) -> None:
        for states, ports, expected in (
            ("", [], agents.Condition.STOPPED),
            # Somebody else's listener does not make an agent.
            ("", [9698], agents.Condition.STOPPED),
            ("SS", [22], agents.Condition.STARTING),
            ("SR", [22, 9698], agents.Condition.LISTENING),
            # One process that goes on is not a frozen agent.
            ("TS", [9698], agents.Condition.LISTENING),
            ("TT", [9698], agents.Condition.FROZEN),
        ):
            with self.subTest(states=states, ports=ports):
                self.assertIs(expected, self.condition(states, *ports))

    def test_no_agent_is_installed(self) -> None:
        with (
            mock.patch.object(agents, "ARGV", ("/nonexistent/steth-agent",)),
            self.assertRaisesRegex(
                errors.LabError, r"/nonexistent/steth-agent is missing: .*pip"
            ),
        ):
            agents.Agents({}).start({})
