# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence
import unittest
from unittest import mock

from steth.checks.mesh import cause
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.rpc import requests
from steth.tests.unit.checks.mesh import samples


def _segment(name: str, hosts: int, silent: int = 0) -> segments.Segment:
    """Return a segment with so many hosts, and more without an agent."""
    names = [f"host{number}" for number in range(1, hosts + silent + 1)]
    return samples.segment(name, names[:hosts], names[hosts:])


def _probes(parts: Sequence[plan.Round]) -> list[tuple[str, str, str, str]]:
    return [
        (one.pair.segment, one.pair.source, one.pair.target, one.size.value)
        for part in parts
        for of_host in part.probes.values()
        for one in of_host
    ]


class RoundTestCase(unittest.TestCase):
    def assert_complete(
        self, parts: Sequence[plan.Round], checked: Sequence[segments.Segment]
    ) -> None:
        """Every pair is asked once, with what the probes say."""
        self.assertEqual(
            sorted(
                (one.name, source.host, target.host, size.value)
                for one in checked
                for source, target in plan.ordered_pairs(one)
                for size in plan.Size
            ),
            sorted(_probes(parts)),
        )
        for part in parts:
            self.assertEqual(list(part.requests), list(part.probes))
            for host, request in part.requests.items():
                self.assertEqual(
                    [f"10.0.0.{x.pair.target[4:]}" for x in part.probes[host]],
                    [one.address for one in request.targets],
                )

    def test_one_request_a_host(self) -> None:
        checked = [_segment("a", 5, silent=1), _segment("b", 3)]
        (part,) = parts = plan.first_round(checked, 5, 64, 1)
        self.assert_complete(parts, checked)
        self.assertEqual(14, len(part.requests["host1"].targets))
        self.assertEqual(10, len(part.requests["host5"].targets))
        self.assertNotIn("host6", part.requests)

    def test_more_than_an_agent_takes(self) -> None:
        checked = [_segment("a", 9, silent=1), _segment("b", 7)]
        with mock.patch.object(requests, "MAX_TARGETS", 10):
            parts = plan.first_round(checked, 5, 64, 1)
        self.assert_complete(parts, checked)
        self.assertLess(2, len(parts))
        for part in parts:
            for request in part.requests.values():
                self.assertLessEqual(len(request.targets), 10)

    def test_each_watches_while_the_other_sends(self) -> None:
        checked = [_segment("a", 9), _segment("b", 7)]
        troubled = [cause.Pair("a", "host1", "host2")]
        with mock.patch.object(requests, "MAX_TARGETS", 10):
            parts = plan.second_round(checked, troubled, 64, 1)
        self.assertLess(1, len(parts))
        found = _probes(parts)
        self.assertEqual(len(set(found)), len(found))
        self.assertEqual({"a"}, {one[0] for one in found})
        for part in parts:
            pairs = {x.pair for of in part.probes.values() for x in of}
            self.assertEqual(
                pairs,
                {cause.Pair(x.segment, x.target, x.source) for x in pairs},
            )
            self.assertTrue(all(x.watch for x in part.requests.values()))

    def test_what_is_explained_is_left_alone(self) -> None:
        known = cause.pairs_of(_segment("a", 4), "host4")
        (part,) = plan.second_round(
            [_segment("a", 4)],
            [cause.Pair("a", "host1", "host2")],
            64,
            1,
            known,
        )
        self.assertEqual({"host1", "host2", "host3"}, set(part.requests))
        self.assertEqual(
            set(),
            known & {x.pair for of in part.probes.values() for x in of},
        )

    def test_packets_that_take_too_long(self) -> None:
        checked = [_segment("a", 9)]
        parts = plan.first_round(checked, 500, 64, 1)
        self.assertEqual(1, len(parts))
        with mock.patch.object(plan, "_PACE", 50):
            parts = plan.first_round(checked, 500, 64, 1)
        self.assert_complete(parts, checked)
        for part in parts:
            for request in part.requests.values():
                self.assertLessEqual(len(request.targets), 10)

    def test_seconds_that_an_agents_pace_takes(self) -> None:
        (few,) = plan.first_round([_segment("a", 3)], 5, 64, 1)
        self.assertEqual(5 * 0.2 + 1.0, few.seconds)
        (many,) = plan.first_round([_segment("a", 101)], 50, 64, 1)
        self.assertEqual(200 * 50 / 1000 + 1.0, many.seconds)
