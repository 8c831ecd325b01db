# SPDX-License-Identifier: Apache-2.0
"""What became of the packets of each pair in a round."""

from collections.abc import Iterator
from collections.abc import Mapping

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import plan
from steth.model import probe


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a round by pair and size, and who reported.

    ``reports`` has every host whose agent answered.
    """

    results: Mapping[tuple[cause.Pair, plan.Size], probe.IcmpResult]
    reports: Mapping[str, probe.IcmpReport]

    def troubled(self) -> frozenset[cause.Pair]:
        """Return the pairs of which not every packet was answered."""
        return frozenset(
            pair
            for (pair, _), result in self.results.items()
            if result.received < result.sent or result.failure is not None
        )

    def small_trouble(self, pair: cause.Pair) -> bool:
        """Tell whether small packets of a pair failed."""
        result = self.results.get((pair, plan.Size.SMALL))
        return result is None or bool(
            result.failure or result.received < result.sent
        )

    def of_segment(
        self, segment: str
    ) -> Iterator[tuple[cause.Pair, plan.Size, probe.IcmpResult]]:
        """Yield the results of one segment."""
        for (pair, size), result in self.results.items():
            if pair.segment == segment:
                yield pair, size, result


def build(
    planned: plan.Round, reports: Mapping[str, probe.IcmpReport]
) -> Matrix:
    """Match the agents' results with what was asked."""
    return Matrix(
        results={
            (asked.pair, asked.size): result
            for host, report in reports.items()
            for asked, result in zip(
                planned.probes[host], report.results, strict=False
            )
        },
        reports=reports,
    )


def updated(first: Matrix, second: Matrix) -> Matrix:
    """Return the first round with what the second one asked again."""
    return Matrix(
        results={**first.results, **second.results},
        reports={**first.reports, **second.reports},
    )
