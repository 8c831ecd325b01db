# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.model import agent
from steth.model import report
from steth.report import agents
from steth.tests.unit.report import samples

BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT


class SummaryTestCase(unittest.TestCase):
    """The closing line says who answered, by which way, and who did not."""

    def assert_said(self, said: str, *shown: report.ReportedAgent) -> None:
        self.assertEqual(said, agents.summary(shown, 4.24))

    def test_all_on_the_bus(self) -> None:
        self.assert_said(
            "2 agents answered (all on the bus), 4.2 s",
            samples.reported("a"),
            samples.reported("b"),
        )

    def test_one(self) -> None:
        self.assert_said(
            "1 agent answered (on the bus), 4.2 s", samples.reported("a")
        )

    def test_all_direct(self) -> None:
        self.assert_said(
            "2 agents answered (all on 9698), 4.2 s",
            samples.reported("a", DIRECT),
            samples.reported("b", DIRECT),
        )
        self.assert_said(
            "2 agents answered (all on 9698: no bus), 4.2 s",
            samples.reported("a", DIRECT, "no bus"),
            samples.reported("b", DIRECT, "no bus"),
        )

    def test_some_direct(self) -> None:
        self.assert_said(
            "3 agents answered (2 on the bus, 1 on 9698: b lost the bus), "
            "4.2 s",
            samples.reported("a"),
            samples.reported("b", DIRECT, "lost the bus"),
            samples.reported("c"),
        )
        self.assert_said(
            "6 agents answered (1 on the bus, 5 on 9698: b, c, d and 1 more "
            "not on the bus; f lost the bus), 4.2 s",
            samples.reported("a"),
            *(
                samples.reported(one, DIRECT, "not on the bus")
                for one in "bcde"
            ),
            samples.reported("f", DIRECT, "lost the bus"),
        )

    def test_some_silent(self) -> None:
        self.assert_said(
            "1 of 6 agents answered (on the bus), not b, c, d and 2 more, "
            "4.2 s",
            samples.reported("a"),
            *(samples.reported(one, None, "x") for one in "bcdef"),
        )

    def test_none(self) -> None:
        self.assert_said(
            "0 of 1 agents answered, not a, 4.2 s",
            samples.reported("a", None, "x"),
        )
