# SPDX-License-Identifier: Apache-2.0
"""The figures of the report, a row for each segment.

Loss and round trip times are those of the first round, in which every pair
got the same packets; a pair is well when its last round was.
"""

from collections.abc import Iterable
import statistics
from typing import Any

from steth.checks.mesh import cause
from steth.checks.mesh import judgement
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments


def row(
    segment: segments.Segment,
    first: matrix.Matrix,
    last: matrix.Matrix,
    causes: Iterable[cause.Cause],
) -> dict[str, Any]:
    """Return one segment's row of ``measurements["networks"]``."""
    results = list(first.of_segment(segment.name))
    sent = sum(result.sent for _, _, result in results)
    received = sum(result.received for _, _, result in results)
    averages = sorted(
        result.rtt_avg
        for _, size, result in results
        if size is plan.Size.SMALL and result.rtt_avg is not None
    )
    pairs = {
        cause.Pair(segment.name, source.host, target.host)
        for source, target in plan.ordered_pairs(segment)
    }
    asked = {pair for pair, _ in last.results}
    bad = (last.troubled() | (pairs - asked)) & pairs
    return {
        "name": segment.name,
        "cidrs": list(segment.cidrs),
        "hosts": len(segment.sources),
        "hosts_expected": len(segment.members) + len(segment.absent),
        "pairs_ok": len(pairs) - len(bad),
        "pairs": len(pairs),
        "sent": sent,
        "received": received,
        "loss_percent": (
            round(100 * (sent - received) / sent, 2) if sent else None
        ),
        "rtt_p50_ms": _quantile(averages, 50),
        "rtt_p99_ms": _quantile(averages, 99),
        "mtu": segment.mtu,
        "status": str(judgement.status_of(segment, causes)),
    }


def _quantile(ordered: list[float], percent: int) -> float | None:
    if not ordered:
        return None
    if len(ordered) == 1:
        return round(ordered[0], 3)
    cuts = statistics.quantiles(ordered, n=100, method="inclusive")
    return round(cuts[percent - 1], 3)
