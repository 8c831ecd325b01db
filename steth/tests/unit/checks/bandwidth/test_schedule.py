# SPDX-License-Identifier: Apache-2.0

import collections
import itertools
import unittest

from steth.checks.bandwidth import schedule


def names(count: int) -> list[str]:
    return [f"compute{number}" for number in range(1, count + 1)]


class TournamentTestCase(unittest.TestCase):
    """For every number of hosts that a rack may have."""

    def test_nobody_is_in_two_tests_of_a_round(self) -> None:
        for count in range(2, 42):
            for one in schedule.tournament(names(count), 1000):
                hosts = [host for test in one for host in test]
                self.assertEqual(len(hosts), len(set(hosts)), count)
                self.assertEqual(count // 2, len(one))

    def test_all_meet_both_ways_once(self) -> None:
        for count in range(2, 42):
            tests = [
                test
                for one in schedule.tournament(names(count), 1000)
                for test in one
            ]
            self.assertEqual(
                sorted(itertools.permutations(names(count), 2)), sorted(tests)
            )

    def test_all_meet_before_any_meet_again(self) -> None:
        for count in range(2, 42):
            rounds = count - 1 + count % 2
            met = [
                frozenset(test)
                for one in schedule.tournament(names(count), rounds)
                for test in one
            ]
            self.assertEqual(len(met), len(set(met)))
            self.assertEqual(count * (count - 1) // 2, len(met))

    def test_everybody_sends_about_as_often_as_he_receives(self) -> None:
        for count in range(4, 42):
            tests = [
                test
                for one in schedule.tournament(names(count), 6)
                for test in one
            ]
            for index in (0, 1):
                times = collections.Counter(test[index] for test in tests)
                for host in names(count):
                    self.assertGreaterEqual(times[host], 2, count)

    def test_bounded(self) -> None:
        self.assertEqual(6, len(schedule.tournament(names(50), 6)))

    def test_too_few_hosts(self) -> None:
        self.assertEqual([], schedule.tournament([], 6))
        self.assertEqual([], schedule.tournament(["compute1"], 6))


class SimultaneousTestCase(unittest.TestCase):
    def test_everybody_sends_once_and_receives_once(self) -> None:
        for count in range(2, 42):
            for one in schedule.simultaneous(names(count), 6):
                self.assertEqual(names(count), sorted_by_number(one, 0))
                self.assertEqual(names(count), sorted_by_number(one, 1))
                self.assertFalse([test for test in one if test[0] == test[1]])

    def test_rounds_differ(self) -> None:
        self.assertEqual(3, len(schedule.simultaneous(names(4), 6)))
        tests = [
            test for one in schedule.simultaneous(names(9), 6) for test in one
        ]
        self.assertEqual(len(tests), len(set(tests)))

    def test_half_way_round_first(self) -> None:
        first = schedule.simultaneous(names(8), 6)[0]
        self.assertIn(("compute1", "compute5"), first)

    def test_too_few_hosts(self) -> None:
        self.assertEqual([], schedule.simultaneous([], 6))
        self.assertEqual([], schedule.simultaneous(["compute1"], 6))


def sorted_by_number(one: schedule.Round, index: int) -> list[str]:
    return sorted(
        (test[index] for test in one), key=lambda host: int(host[7:])
    )
