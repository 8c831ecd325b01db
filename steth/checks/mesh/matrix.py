# SPDX-License-Identifier: Apache-2.0
"""What became of the packets of each pair in a round."""

from collections.abc import Iterator
from collections.abc import Mapping

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import plan
from steth.model import probe

#: Of the many packets of a closer look, so many lost ones are nobody's fault:
#: a host that is busy for a moment loses some.
_STRAYS = 2


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a round by pair and size, and who reported.

    ``reports`` has every host whose agent answered; ``closer`` what is of
    the second round.
    """

    results: Mapping[tuple[cause.Pair, plan.Size], probe.IcmpResult]
    reports: Mapping[str, probe.IcmpReport]
    closer: frozenset[tuple[cause.Pair, plan.Size]] = frozenset()

    def troubled(self) -> frozenset[cause.Pair]:
        """Return the pairs of which packets were not answered."""
        return frozenset(
            pair for pair, size in self.results if self._failed(pair, size)
        )

    def small_trouble(self, pair: cause.Pair) -> bool:
        """Tell whether small packets of a pair failed."""
        return self._failed(pair, plan.Size.SMALL)

    def _failed(self, pair: cause.Pair, size: plan.Size) -> bool:
        result = self.results.get((pair, size))
        if result is None:
            return True
        lost = result.sent - result.received
        if (pair, size) in self.closer and result.received > lost:
            return lost > _STRAYS
        return lost > 0 or result.failure is not None

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
        closer=frozenset(second.results),
    )
