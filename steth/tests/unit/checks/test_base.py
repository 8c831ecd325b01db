# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks.connectivity import check
from steth.model import agent
from steth.model import inventory
from steth.tests.unit.osc import fakes


class UnmetTestCase(unittest.TestCase):
    """A check that no agent can do is skipped."""

    def unmet(self, *rows: agent.AgentRow) -> str | None:
        return check.ConnectivityCheck().unmet(
            base.Context(
                fleet=fakes.Fleet(*rows), inventory=inventory.Inventory()
            )
        )

    def test_one_agent_can(self) -> None:
        able = fakes.row("b", operations=("inspect.host", "probe.icmp"))
        self.assertIsNone(self.unmet(fakes.row("a", operations=()), able))

    def test_none_can(self) -> None:
        self.assertEqual(
            "no agent has probe.icmp: upgrade the agents",
            self.unmet(
                fakes.row("a", operations=("inspect.host",)),
                fakes.row("b", operations=()),
            ),
        )

    def test_nobody_is_up(self) -> None:
        self.assertIsNone(
            self.unmet(
                fakes.row("a", status=agent.AgentStatus.SILENT, operations=())
            )
        )
