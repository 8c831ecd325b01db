# SPDX-License-Identifier: Apache-2.0
"""Tests of the account of a probe."""

import unittest

from steth.agent.probe import failure
from steth.agent.probe import tally

_MS = 1_000_000
#: Both clocks of the tests; the wall clock is far ahead.
_WALL = 10**18


class TallyTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.tally = tally.Tally(targets=2, count=3)

    def send(self, packet: int, at: int = 0) -> None:
        self.tally.sent(packet, _WALL + at, at)

    def answer(
        self, index: int, number: int, at: int, read_at: int | None = None
    ) -> bool:
        read_at = at if read_at is None else read_at
        return self.tally.answered(index, number, _WALL + at, read_at)

    def test_statistics(self) -> None:
        for number, elapsed in enumerate((1, 2, 6)):
            self.send(number * 2)
            self.assertEqual(1, self.tally.pending)
            self.assertTrue(self.answer(0, number, elapsed * _MS))
            self.assertEqual(0, self.tally.pending)
        found, other = self.tally.results()
        self.assertEqual((3, 3), (found.sent, found.received))
        self.assertEqual(
            (1, 3, 6), (found.rtt_min, found.rtt_avg, found.rtt_max)
        )
        self.assertAlmostEqual((14 / 3) ** 0.5, found.rtt_stddev or 0)
        self.assertIsNone(found.failure)
        self.assertEqual(tally.TargetTally(sent=0, received=0), other)

    def test_the_kernel_time_counts_not_ours(self) -> None:
        self.send(0)
        self.answer(0, 0, at=2 * _MS, read_at=500 * _MS)
        self.assertEqual(2, self.tally.results()[0].rtt_max)

    def test_the_wall_clock_was_set(self) -> None:
        for packet, wall in ((0, -3_600_000 * _MS), (2, 3_600_000 * _MS)):
            self.send(packet)
            self.tally.answered(0, packet // 2, _WALL + wall, 5 * _MS)
        found = self.tally.results()[0]
        self.assertEqual((5, 5), (found.rtt_min, found.rtt_max))
        self.assertEqual(0, found.rtt_stddev)

    def test_duplicates(self) -> None:
        self.send(1)
        for _ in range(3):
            self.assertTrue(self.answer(1, 0, _MS))
        found = self.tally.results()[1]
        self.assertEqual((1, 2), (found.received, found.duplicates))
        self.assertEqual(0, self.tally.pending)

    def test_silence(self) -> None:
        self.send(0)
        found = self.tally.results()[0]
        self.assertEqual(failure.SILENCE, found.failure)
        self.assertEqual(1, self.tally.pending)

    def test_the_last_unanswered_packet_tells_why(self) -> None:
        first = failure.Failure(number=1)
        last = failure.Failure(type=3, code=13, reporter="10.0.0.9")
        self.tally.not_sent(0, first)
        self.send(2)
        self.tally.reported(2, last)
        self.send(4)
        self.assertTrue(self.answer(0, 2, _MS))
        found = self.tally.results()[0]
        self.assertEqual((2, 1), (found.sent, found.received))
        self.assertEqual(last, found.failure)
        self.assertEqual(0, self.tally.pending)

    def test_the_first_report_counts(self) -> None:
        self.send(0)
        first = failure.Failure(type=3, code=1, reporter="a")
        self.tally.reported(0, first)
        self.tally.reported(0, failure.Failure(type=3, code=3, reporter="b"))
        self.assertEqual(first, self.tally.results()[0].failure)
        self.assertEqual(0, self.tally.pending)

    def test_an_answer_overrules_a_report(self) -> None:
        self.send(0)
        self.tally.reported(0, failure.Failure(type=3, code=1, reporter="a"))
        self.assertTrue(self.answer(0, 0, _MS))
        found = self.tally.results()[0]
        self.assertEqual(1, found.received)
        self.assertIsNone(found.failure)
        self.assertEqual(0, self.tally.pending)
        self.tally.reported(0, failure.Failure(type=3, code=1, reporter="a"))
        self.assertIsNone(self.tally.results()[0].failure)

    def test_what_was_not_sent_is_not_answered(self) -> None:
        self.tally.not_sent(0, failure.Failure(number=1))
        self.assertFalse(self.answer(0, 0, _MS))
        self.assertFalse(self.answer(1, 0, _MS))
        self.assertFalse(self.answer(2, 0, _MS))
        self.assertFalse(self.answer(0, 3, _MS))
        self.assertEqual(0, self.tally.results()[0].received)

    def test_what_was_not_sent_is_not_reported(self) -> None:
        refused = failure.Failure(number=1)
        self.tally.not_sent(0, refused)
        self.tally.reported(0, failure.Failure(type=3, code=1, reporter="a"))
        self.assertEqual(refused, self.tally.results()[0].failure)
        self.assertEqual(0, self.tally.pending)
