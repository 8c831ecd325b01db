# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
import unittest

from steth.checks.bandwidth import attribution
from steth.checks.bandwidth import schedule
from steth.checks.mesh import cause


def tested(count: int, rounds: int = 1000) -> set[cause.Pair]:
    hosts = [f"c{number}" for number in range(1, count + 1)]
    return {
        cause.Pair("net", *test)
        for one in schedule.tournament(hosts, rounds)
        for test in one
    }


def where(
    pairs: set[cause.Pair], slow: Callable[[str, str], bool]
) -> set[cause.Pair]:
    return {pair for pair in pairs if slow(pair.source, pair.target)}


class ExplanationsTestCase(unittest.TestCase):
    def explain(
        self, pairs: set[cause.Pair], slow: Callable[[str, str], bool]
    ) -> list[tuple[str | None, attribution.Role, int]]:
        return [
            (one.host, one.role, len(one.pairs))
            for one in attribution.explanations(pairs, where(pairs, slow))
        ]

    def test_health(self) -> None:
        self.assertEqual([], self.explain(tested(8), lambda one, other: False))

    def test_host(self) -> None:
        for count in (3, 4, 5, 12):
            for rounds in (6, 1000):
                pairs = tested(count, rounds)
                ((host, role, _),) = self.explain(
                    pairs, lambda one, other: "c2" in (one, other)
                )
                self.assertEqual("c2", host)
                self.assertIs(attribution.Role.BOTH, role)

    def test_receiver(self) -> None:
        for count in (3, 4, 5, 12):
            for rounds in (6, 1000):
                ((host, role, _),) = self.explain(
                    tested(count, rounds), lambda one, other: other == "c2"
                )
                self.assertEqual("c2", host, (count, rounds))
                self.assertIs(attribution.Role.RECEIVER, role)

    def test_sender(self) -> None:
        ((host, role, tests),) = self.explain(
            tested(5), lambda one, other: one == "c3"
        )
        self.assertEqual(("c3", 4), (host, tests))
        self.assertIs(attribution.Role.SENDER, role)

    def test_two_hosts(self) -> None:
        found = self.explain(
            tested(6), lambda one, other: bool({"c1", "c4"} & {one, other})
        )
        self.assertEqual(["c1", "c4"], sorted(str(one[0]) for one in found))

    def test_pair(self) -> None:
        self.assertEqual(
            [(None, attribution.Role.BOTH, 2)],
            self.explain(
                tested(5), lambda one, other: {one, other} == {"c1", "c4"}
            ),
        )

    def test_host_and_pair(self) -> None:
        found = self.explain(
            tested(8),
            lambda one, other: (
                "c2" in (one, other) or {one, other} == {"c5", "c6"}
            ),
        )
        self.assertEqual(
            [("c2", 14), (None, 2)],
            [(host, tests) for host, _, tests in found],
        )

    def test_everywhere(self) -> None:
        for count in (2, 3, 4, 9):
            pairs = tested(count)
            (one,) = attribution.explanations(pairs, pairs)
            self.assertTrue(one.everywhere)
            self.assertEqual(pairs, one.pairs)

    def test_nearly_everywhere(self) -> None:
        pairs = tested(4)
        (one,) = attribution.explanations(
            pairs,
            where(pairs, lambda one, other: (one, other) != ("c2", "c3")),
        )
        self.assertTrue(one.everywhere)

    def test_half_of_the_hosts(self) -> None:
        found = self.explain(
            tested(4), lambda one, other: bool({"c1", "c4"} & {one, other})
        )
        self.assertEqual(["c1", "c4"], sorted(str(one[0]) for one in found))
