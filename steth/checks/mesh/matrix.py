# SPDX-License-Identifier: Apache-2.0
"""What became of the packets of each pair in a round."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import plan
from steth.model import probe
from steth.rpc import requests

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
    planned: Sequence[plan.Round],
    reports: Sequence[Mapping[str, probe.IcmpReport]],
) -> Matrix:
    """Match the agents' results with what was asked.

    Who failed in a part of the round has no report: it has not seen all.

    :param planned: the parts of the round
    :param reports: those of each part, by host
    """
    told: dict[str, list[tuple[plan.Round, probe.IcmpReport]]] = {}
    failed: set[str] = set()
    for part, of_part in zip(planned, reports, strict=True):
        failed.update(part.requests.keys() - of_part.keys())
        for host, report in of_part.items():
            told.setdefault(host, []).append((part, report))
    return Matrix(
        results={
            (asked.pair, asked.size): result
            for host, parts in told.items()
            for part, report in parts
            for asked, result in zip(
                part.probes[host], report.results, strict=False
            )
        },
        reports={
            host: _whole(host, parts)
            for host, parts in told.items()
            if host not in failed
        },
    )


def _whole(
    host: str, parts: Sequence[tuple[plan.Round, probe.IcmpReport]]
) -> probe.IcmpReport:
    """Return the reports of a host as if it were one.

    Of two hosts only what both could see counts: they both watched in the
    part in which they asked each other.
    """
    if len(parts) == 1:
        return parts[0][1]
    ways = [_ways(part.requests[host]) for part, _ in parts]
    every = frozenset[_Ends]().union(*ways)
    elsewhere = [every - mine for mine in ways]
    return probe.IcmpReport(
        results=tuple(x for _, report in parts for x in report.results),
        sightings=tuple(
            one
            for (_, report), others in zip(parts, elsewhere, strict=True)
            for one in report.sightings
            if frozenset((one.source, one.destination)) not in others
        ),
        lost_by_watch=sum(report.lost_by_watch for _, report in parts),
        duration=sum(report.duration for _, report in parts),
    )


_Ends = frozenset[str | None]


def _ways(request: requests.ProbeIcmp) -> frozenset[_Ends]:
    return frozenset(
        frozenset((one.source, one.address)) for one in request.targets
    )


def updated(first: Matrix, second: Matrix) -> Matrix:
    """Return the first round with what the second one asked again."""
    return Matrix(
        results={**first.results, **second.results},
        reports={**first.reports, **second.reports},
        closer=frozenset(second.results),
    )
