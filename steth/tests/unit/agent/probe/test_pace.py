# SPDX-License-Identifier: Apache-2.0
"""Tests of the pace of a probe, with a clock that is told what time it is."""

import itertools
import unittest

from steth.agent.probe import pace

_MS = 1_000_000


class PaceTestCase(unittest.TestCase):
    def sent_at(self, one: pace.Pace, step: int = _MS) -> list[int]:
        """Look every ``step`` and return when each packet left."""
        times: list[int] = []
        now = 10**12
        one.begin(now)
        while not one.done:
            times += [now] * len(one.take(now))
            now += step
        return times

    def test_spreads_the_packets_evenly(self) -> None:
        paced = pace.Pace(targets=10, count=3, interval=0.2, max_rate=1000)
        times = self.sent_at(paced)
        gaps = {after - one for one, after in itertools.pairwise(times)}
        self.assertEqual(30, len(times))
        self.assertEqual({20 * _MS}, gaps)
        self.assertAlmostEqual(0.58, paced.seconds)

    def test_keeps_the_interval_to_a_target(self) -> None:
        targets = 7
        times = self.sent_at(pace.Pace(targets, 5, 0.1, 1000))
        for packet in range(targets, len(times)):
            self.assertGreaterEqual(
                times[packet] - times[packet - targets], 99 * _MS
            )

    def test_lengthens_the_interval_to_keep_the_rate(self) -> None:
        one = pace.Pace(targets=1000, count=2, interval=0.01, max_rate=500)
        times = self.sent_at(one)
        self.assertAlmostEqual(3.998, one.seconds)
        self.assertGreaterEqual(times[-1] - times[0], 3.99e9)

    def test_numbers_go_round_the_targets(self) -> None:
        one = pace.Pace(targets=2, count=2, interval=1.0, max_rate=1000)
        one.begin(0)
        self.assertEqual(range(1), one.take(0))
        self.assertEqual(range(0), one.take(one.due_at() - 1))
        self.assertEqual(range(1, 2), one.take(one.due_at()))
        self.assertFalse(one.done)

    def test_catches_up_a_little(self) -> None:
        one = pace.Pace(targets=100, count=10, interval=0.2, max_rate=1000)
        one.begin(0)
        self.assertEqual(range(6), one.take(10 * _MS))

    def test_no_burst_follows_a_stall(self) -> None:
        one = pace.Pace(targets=100, count=10, interval=0.2, max_rate=1000)
        one.begin(0)
        one.take(0)
        burst = one.take(1000 * _MS)
        self.assertLessEqual(len(burst), 11)
        # The rest goes on from here at the same pace.
        self.assertEqual(range(0), one.take(1000 * _MS))
        self.assertGreater(one.due_at(), 1000 * _MS)
        self.assertLessEqual(one.due_at(), 1002 * _MS)

    def test_never_more_than_there_are(self) -> None:
        one = pace.Pace(targets=1, count=3, interval=0.01, max_rate=10000)
        one.begin(0)
        self.assertEqual(range(2), one.take(10 * _MS))
        self.assertEqual(range(2, 3), one.take(10_000 * _MS))
        self.assertTrue(one.done)
        self.assertEqual(range(0), one.take(20_000 * _MS))
