# SPDX-License-Identifier: Apache-2.0

import itertools
import unittest

from steth.checks.mesh import attribution
from steth.checks.mesh import passage

Kind = attribution.Kind
Way = attribution.Way


def _all(hosts: str) -> set[Way]:
    return {Way(one, other) for one, other in itertools.permutations(hosts, 2)}


class DeadTestCase(unittest.TestCase):
    """The fewest patterns that cover the dead ways."""

    def _explained(
        self, hosts: str, lost: set[Way]
    ) -> list[tuple[Kind, tuple[str, ...]]]:
        found = attribution.dead(_all(hosts) - lost, lost)
        self.assertEqual(
            lost, {way for pattern in found for way in pattern.ways}
        )
        self.assertEqual(len(lost), sum(len(one.ways) for one in found))
        return [(one.kind, one.hosts) for one in found]

    def test_nothing_dead(self) -> None:
        self.assertEqual([], self._explained("abc", set()))

    def test_everything_dead(self) -> None:
        self.assertEqual(
            [(Kind.ALL, ("a", "b", "c"))], self._explained("abc", _all("abc"))
        )

    def test_two_hosts(self) -> None:
        self.assertEqual(
            [(Kind.BOTH_WAYS, ("a", "b"))], self._explained("ab", _all("ab"))
        )
        self.assertEqual(
            [(Kind.ONE_WAY, ("b", "a"))],
            self._explained("ab", {Way("b", "a")}),
        )

    def test_one_host_cut_off(self) -> None:
        lost = {way for way in _all("abcd") if "b" in way}
        self.assertEqual([(Kind.HOST, ("b",))], self._explained("abcd", lost))

    def test_two_hosts_cut_off(self) -> None:
        lost = {way for way in _all("abcde") if "b" in way or "d" in way}
        self.assertEqual(
            {(Kind.HOST, ("b",)), (Kind.HOST, ("d",))},
            {
                (one.kind, one.hosts)
                for one in attribution.dead(_all("abcde") - lost, lost)
            },
        )

    def test_groups_and_a_lonely_host(self) -> None:
        groups = ("ab", "cd", "e")
        lost = {
            way
            for way in _all("abcde")
            if not any(
                way.source in group and way.target in group for group in groups
            )
        }
        found = attribution.dead(_all("abcde") - lost, lost)
        self.assertEqual(
            [(Kind.GROUPS, (("a", "b"), ("c", "d"))), (Kind.HOST, ())],
            [(one.kind, one.groups) for one in found],
        )

    def test_one_direction(self) -> None:
        lost = {way for way in _all("abcd") if way.source == "c"}
        self.assertEqual(
            [(Kind.FROM_HOST, ("c",))], self._explained("abcd", lost)
        )
        lost = {way for way in _all("abcd") if way.target == "c"}
        self.assertEqual(
            [(Kind.TO_HOST, ("c",))], self._explained("abcd", lost)
        )

    def test_single_ways(self) -> None:
        lost = {Way("a", "b"), Way("b", "a"), Way("c", "d")}
        self.assertEqual(
            [(Kind.BOTH_WAYS, ("a", "b")), (Kind.ONE_WAY, ("c", "d"))],
            self._explained("abcd", lost),
        )


class PartialTestCase(unittest.TestCase):
    """Whose rate of loss makes what was counted most likely."""

    def _counts(
        self, hosts: str, lossy: set[Way], lost: int, of: int = 200
    ) -> dict[Way, passage.Count]:
        return {
            way: passage.Count(of, of - lost if way in lossy else of)
            for way in _all(hosts)
        }

    def test_no_loss(self) -> None:
        self.assertEqual(
            [], attribution.partial(self._counts("abc", set(), 0))
        )

    def test_patterns(self) -> None:
        hosts = "abcde"
        for lossy, kind, where in (
            ({w for w in _all(hosts) if w.source == "b"}, "from-host", ("b",)),
            ({w for w in _all(hosts) if w.target == "b"}, "to-host", ("b",)),
            ({w for w in _all(hosts) if "b" in w}, "host", ("b",)),
            ({Way("a", "d")}, "one-way", ("a", "d")),
            ({Way("a", "d"), Way("d", "a")}, "both-ways", ("a", "d")),
            (_all(hosts), "all", tuple(hosts)),
        ):
            with self.subTest(kind=kind):
                (found,) = attribution.partial(
                    self._counts(hosts, lossy, lost=10)
                )
                self.assertEqual(
                    (kind, where), (found.kind.value, found.hosts)
                )
                self.assertEqual(lossy, found.ways)
                self.assertEqual(10 * len(lossy), found.count.lost)

    def test_two_hosts_with_different_rates(self) -> None:
        counts = self._counts(
            "abcdef", {w for w in _all("abcdef") if w.source == "a"}, 60
        )
        counts |= {
            way: passage.Count(200, 190) for way in counts if way.source == "f"
        }
        self.assertEqual(
            [("a",), ("f",)],
            [one.hosts for one in attribution.partial(counts)],
        )

    def test_one_packet_in_a_thousand_is_nobodys_fault(self) -> None:
        counts = self._counts("abcde", set(), 0)
        for way in list(counts)[:4]:
            counts[way] = passage.Count(200, 199)
        self.assertEqual([], attribution.partial(counts))
