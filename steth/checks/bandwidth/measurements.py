# SPDX-License-Identifier: Apache-2.0
"""The figures of the report: a row a network, with a row for each test."""

from collections.abc import Iterable
from collections.abc import Mapping
import statistics
from typing import Any

from steth.checks.bandwidth import requirement
from steth.checks.mesh import cause
from steth.checks.mesh import judgement
from steth.checks.mesh import segments
from steth.model import report as report_model
from steth.model import throughput


def row(
    segment: segments.Segment,
    reports: requirement.Reports,
    failed: Mapping[cause.Pair, str],
    requirements: requirement.Requirements,
    causes: Iterable[cause.Cause],
) -> dict[str, Any]:
    """Return one segment's row of ``measurements["networks"]``.

    A pair counts as tested when it was tested in one direction.

    :param failed: why there is no figure, by pair
    """
    figures = [requirement.mbits(one) for one in reports.values()]
    slowest = _slowest(reports)
    count = len(segment.sources)
    status = judgement.status_of(segment, causes)
    if status is report_model.CheckStatus.PASSED and (failed or not figures):
        status = report_model.CheckStatus.INCONCLUSIVE
    return {
        "name": segment.name,
        "cidrs": list(segment.cidrs),
        "hosts": count,
        "hosts_expected": len(segment.members) + len(segment.absent),
        "pairs_tested": len({frozenset(pair[1:]) for pair in reports}),
        "pairs": count * (count - 1) // 2,
        "min_mbits": round(min(figures), 1) if figures else None,
        "median_mbits": (
            round(statistics.median(figures), 1) if figures else None
        ),
        "max_mbits": round(max(figures), 1) if figures else None,
        "slowest_host": slowest,
        "status": str(status),
        "tests": [
            _test(pair, report, requirements.of(pair))
            for pair, report in sorted(reports.items())
        ]
        + [
            {"source": pair.source, "target": pair.target, "error": why}
            for pair, why in sorted(failed.items())
        ],
    }


def _test(
    pair: cause.Pair,
    report: throughput.ThroughputReport,
    needed: requirement.Requirement | None,
) -> dict[str, Any]:
    return {
        "source": pair.source,
        "target": pair.target,
        "mbits": round(requirement.mbits(report), 1),
        "required_mbits": needed and round(needed.mbits, 1),
        "required_by": needed and str(needed.basis),
        "seconds": round(report.seconds, 3),
        "retransmits": report.retransmits,
        "lost_packets": report.lost_packets,
        "packets": report.packets,
        "lost_percent": report.lost_percent,
        "jitter_ms": report.jitter_ms,
        "cpu_percent": report.cpu_percent,
        "remote_cpu_percent": report.remote_cpu_percent,
    }


def _slowest(reports: requirement.Reports) -> str | None:
    """Return the host that is slowest with everyone, which of two none is.

    What it reaches with its best peer counts, in its worse direction; where
    that is the same for several, the mean does.
    """
    sent: dict[str, list[float]] = {}
    got: dict[str, list[float]] = {}
    for pair, report in reports.items():
        sent.setdefault(pair.source, []).append(requirement.mbits(report))
        got.setdefault(pair.target, []).append(requirement.mbits(report))
    hosts = sorted({*sent, *got})
    if len(hosts) < 3:
        return None

    def reached(host: str) -> tuple[float, float]:
        ways = [one[host] for one in (sent, got) if host in one]
        return min(map(max, ways)), statistics.mean(
            figure for way in ways for figure in way
        )

    return min(hosts, key=reached)
