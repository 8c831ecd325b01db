# SPDX-License-Identifier: Apache-2.0
"""Tables for people."""

import unittest

from steth.lab import agents
from steth.lab import catalogue
from steth.lab import display
from steth.lab import layout
from steth.lab import state
from steth.lab import status


class DisplayTestCase(unittest.TestCase):
    """What a person sees."""

    def test_status(self) -> None:
        controller, compute = layout.hosts(layout.Shape(hosts=1))
        lines = display.status(
            status.Status(
                shape=layout.Shape(hosts=1, broker=True),
                complete=False,
                switch_pid=None,
                hosts=(
                    status.HostStatus(
                        name=controller.name,
                        pid=12,
                        addresses=controller.addresses,
                        agent=None,
                    ),
                    status.HostStatus(
                        name=compute.name,
                        pid=None,
                        addresses=compute.addresses,
                        agent=agents.Condition.STOPPED,
                    ),
                ),
                broker=False,
                faults=(state.Injection(fault="broker-stopped"),),
            )
        )
        self.assertEqual(
            [
                ["controller", "12", "10.77.0.1", "-", "-", "-"],
                [
                    *("compute1", "down", "10.77.0.11", "10.77.1.11"),
                    *("10.77.2.11", "stopped"),
                ],
            ],
            [line.split() for line in lines[1:3]],
        )
        said = "\n".join(lines[3:])
        for text in (
            "broker: down",
            "switch that joins the hosts is down",
            "not complete",
            "fault: broker-stopped",
        ):
            self.assertIn(text, said)

    def test_every_fault_is_listed(self) -> None:
        lines = display.faults()
        for name in catalogue.CATALOGUE:
            self.assertTrue(any(line.startswith(name) for line in lines), name)
        self.assertTrue(any("--value (10 percent)" in line for line in lines))
