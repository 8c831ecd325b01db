# SPDX-License-Identifier: Apache-2.0
"""Clocks, measured over the round trip."""

import unittest

from steth.controller import clock
from steth.controller import outcome
from steth.model import agent


class ClockTestCase(unittest.TestCase):
    def test_the_fastest_answer_counts(self) -> None:
        def answer(elapsed: float, time: float) -> dict[str, outcome.Outcome]:
            return {
                "a": outcome.Outcome(
                    host="a",
                    data=agent.AgentInfo(
                        host="a",
                        version="1",
                        contract="1.0",
                        operations=(),
                        time=time,
                        uptime=1.0,
                    ),
                    elapsed=elapsed,
                    ended=100.0 + elapsed,
                )
            }

        found = clock.readings(
            [answer(2.0, 501.0), answer(0.2, 500.2), answer(1.0, 500.9)]
        )["a"]
        self.assertAlmostEqual(400.1, found.offset)
        self.assertAlmostEqual(0.1, found.error)

    def test_the_group_that_agrees_says_what_time_it_is(self) -> None:
        measured = {
            host: clock.Reading(offset=1e9 + offset, error=0.01)
            for host, offset in (("a", 0.0), ("b", 0.2), ("c", 5.0))
        }
        found = clock.relative(measured)
        for host, offset in (("a", -0.1), ("b", 0.1), ("c", 4.9)):
            self.assertAlmostEqual(offset, found[host].offset, 5)
            self.assertAlmostEqual(0.02, found[host].error)
        self.assertEqual({}, clock.relative({}))
