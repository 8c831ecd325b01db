# SPDX-License-Identifier: Apache-2.0
"""Tests of sending in parts, by a clock that a test moves."""

import time
import unittest
from unittest import mock

from steth.agent.probe import sending
from steth.rpc import errors


class SendTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[float, int]] = []
        self.cancelled = mock.Mock()
        self.cancelled.wait.side_effect = self.wait
        patched = mock.patch.object(time, "monotonic", lambda: self.now)
        patched.start()
        self.addCleanup(patched.stop)

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def send(
        self,
        total: int,
        *answers: tuple[float, int, int, str | None],
        interval: float = 0.1,
    ) -> sending.Sent:
        """Have each call take its time; the last answer is for all others."""
        left = list(answers)

        def send_from(first: int) -> tuple[int, int, str | None]:
            self.calls.append((round(self.now, 6), first))
            answer = left.pop(0) if len(left) > 1 else left[0]
            self.now += answer[0]
            return answer[1:]

        return sending.send("a.b", total, interval, send_from, self.cancelled)

    def test_the_pace_goes_on_from_part_to_part(self) -> None:
        found = self.send(5, (0.11, 2, 0, None), (0.0, 1, 0, None))
        self.assertEqual([(0.0, 0), (0.2, 2), (0.3, 3), (0.4, 4)], self.calls)
        self.assertEqual((5, 0, None), found[:3])
        self.assertAlmostEqual(0.4, found.duration)

    def test_no_burst_follows_a_stall(self) -> None:
        self.send(3, (1.0, 1, 0, None), (0.0, 1, 0, None))
        self.assertEqual([(0.0, 0), (1.0, 1), (1.08, 2)], self.calls)

    def test_refused(self) -> None:
        found = self.send(
            6, (0.0, 2, 1, "too long"), (0.0, 3, 0, None), (0.0, 1, 0, None)
        )
        self.assertEqual((5, 1, "too long"), found[:3])

    def test_a_queue_that_is_full_for_a_while(self) -> None:
        full = "no room in its queue"
        found = self.send(
            4, (0.2, 2, 0, full), (0.2, 0, 0, full), (0.0, 2, 0, None)
        )
        self.assertEqual([(0.0, 0), (0.2, 2), (0.4, 2)], self.calls)
        # Late, but all of them.
        self.assertEqual((4, 0, None), found[:3])

    def test_a_queue_that_stays_full(self) -> None:
        found = self.send(10, (0.2, 3, 0, "no room"), (0.2, 0, 0, "no room"))
        self.assertEqual((3, 7, "no room, and its 3 s are over"), found[:3])
        self.assertLess(found.duration, 3.3)

    def test_an_agent_that_has_no_time(self) -> None:
        found = self.send(10, (9.0, 3, 0, None))
        self.assertEqual((3, 7, "its 3 s are over"), found[:3])

    def test_ended_early(self) -> None:
        self.cancelled.wait.side_effect = [False, True]
        with self.assertRaisesRegex(
            errors.OperationError, "a.b: .* after 2 frames"
        ) as caught:
            self.send(5, (0.0, 2, 0, None))
        self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
