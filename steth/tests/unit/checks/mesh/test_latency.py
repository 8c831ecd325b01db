# SPDX-License-Identifier: Apache-2.0

import itertools
import unittest

from steth.checks.mesh import cause
from steth.checks.mesh import latency
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.model import probe
from steth.tests.unit.checks.mesh import samples

NAMES = ("a", "b", "c", "d")
SEGMENT = samples.segment("tunnel", NAMES)


def _round(slow: dict[str, float]) -> matrix.Matrix:
    """Return a round in which all took 0.2 ms, but some from to ("ab")."""
    return matrix.Matrix(
        results={
            (
                cause.Pair("tunnel", source, target),
                plan.Size.SMALL,
            ): probe.IcmpResult(
                address=target,
                size=84,
                sent=5,
                received=5,
                rtt_min=slow.get(source + target, 0.2),
            )
            for source, target in itertools.permutations(NAMES, 2)
        },
        reports={},
    )


class LatencyTestCase(unittest.TestCase):
    """Only what both ends and both rounds agree on is told."""

    def _told(
        self, first: dict[str, float], second: dict[str, float]
    ) -> list[tuple[str | None, str]]:
        return [
            (one.host, one.summary)
            for one in latency.causes(SEGMENT, _round(first), _round(second))
        ]

    def test_a_way(self) -> None:
        slow = {"ab": 9.0, "ba": 8.0}
        self.assertEqual(
            [
                (
                    None,
                    "the round trip between a and b on tunnel takes 8.50 ms, "
                    "usual there are 0.20 ms",
                )
            ],
            self._told(slow, slow),
        )

    def test_a_host(self) -> None:
        slow = {way: 9.0 for one in "acd" for way in (f"b{one}", f"{one}b")}
        ((name, _),) = self._told(slow, slow)
        self.assertEqual("b", name)

    def test_one_end_alone(self) -> None:
        """A processor that is busy: the way is as long from the other end."""
        self.assertEqual({}, latency.outliers(SEGMENT, _round({"ab": 9.0})))
        slow = {"ab": 9.0, "ba": 9.0}
        self.assertEqual([], self._told(slow, {"ba": 9.0}))

    def test_one_end_did_not_ask(self) -> None:
        slow = _round({"ab": 9.0})
        results = {
            key: one for key, one in slow.results.items() if key[0][1] != "b"
        }
        silent = matrix.Matrix(results=results, reports={})
        self.assertEqual(
            {cause.Pair("tunnel", "a", "b"): 9.0},
            latency.outliers(SEGMENT, silent),
        )
