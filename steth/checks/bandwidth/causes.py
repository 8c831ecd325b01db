# SPDX-License-Identifier: Apache-2.0
"""What is told of hosts and paths that are too slow."""

from collections.abc import Collection
import statistics

import msgspec

from steth.checks import catalogue
from steth.checks.bandwidth import attribution
from steth.checks.bandwidth import requirement
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding

_ROLES = {
    attribution.Role.BOTH: ("passes", "to and from"),
    attribution.Role.SENDER: ("sends", "to"),
    attribution.Role.RECEIVER: ("receives", "from"),
}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The tests of one network, and what they had to reach.

    ``how`` says in words how it was measured.
    """

    segment: segments.Segment
    reports: requirement.Reports
    requirements: requirement.Requirements
    how: str


def of_explanation(
    one: attribution.Explanation, judged: Judged
) -> cause.Cause:
    """Return the cause that an explanation stands for."""
    if one.host is not None:
        return _of_host(one, one.host, judged)
    segment = judged.segment.name
    best = max(_figures(one.pairs, judged))
    if one.everywhere:
        summary = (
            f"on {segment} at most {best:.0f} Mbit/s pass between any two "
            f"hosts"
        )
        return _cause(
            catalogue.UNDERLAY_BANDWIDTH_NETWORK, summary, one.pairs, judged
        )
    shown = [f"{pair.source} to {pair.target}" for pair in sorted(one.pairs)]
    return _cause(
        catalogue.UNDERLAY_BANDWIDTH_PAIR,
        f"on {segment} at most {best:.0f} Mbit/s pass from "
        f"{cause.listed(shown, 3)}, while these hosts are faster with others",
        one.pairs,
        judged,
    )


def oversubscribed(
    pairs: Collection[cause.Pair],
    together: requirement.Reports,
    well_alone: Collection[cause.Pair],
    judged: Judged,
) -> cause.Cause:
    """Return the cause of pairs that are slow only all at once.

    :param together: what was measured then
    :param well_alone: pairs that were fast enough when they were alone
    """
    crowded = msgspec.structs.replace(
        judged, reports=together, how=f"{judged.how}, all at once"
    )
    usual = statistics.median(_figures(pairs, crowded))
    alone = min(_figures(well_alone, judged))
    one = _cause(
        catalogue.UNDERLAY_BANDWIDTH_OVERSUBSCRIBED,
        f"on {judged.segment.name} {usual:.0f} Mbit/s pass between two hosts "
        f"when all send at once, {alone:.0f} Mbit/s and more alone",
        pairs,
        crowded,
    )
    return msgspec.structs.replace(one, confidence=finding.Confidence.LIKELY)


def _of_host(
    one: attribution.Explanation, host: str, judged: Judged
) -> cause.Cause:
    verb, preposition = _ROLES[one.role]
    best = max(_figures(one.pairs, judged))
    peers = {each for pair in one.pairs for each in pair[1:]} - {host}
    found = _cause(
        catalogue.UNDERLAY_BANDWIDTH_HOST,
        f"{host} {verb} at most {best:.0f} Mbit/s on {judged.segment.name}, "
        f"{preposition} each of {len(peers)} other hosts",
        one.pairs,
        judged,
    )
    return msgspec.structs.replace(
        found,
        host=host,
        device=judged.segment.device(host),
        evidence=found.evidence + _link(host, judged.segment),
    )


def _cause(
    entry: catalogue.Entry,
    summary: str,
    pairs: Collection[cause.Pair],
    judged: Judged,
) -> cause.Cause:
    needed = max(
        (
            found
            for pair in pairs
            if (found := judged.requirements.of(pair)) is not None
        ),
        key=lambda found: found.mbits,
    )
    if needed.basis is not requirement.Basis.CONFIGURATION:
        # What nobody asked for is missed by nobody for certain.
        entry = msgspec.structs.replace(
            entry, severity=finding.Severity.WARNING
        )
    return cause.Cause(
        entry=entry,
        summary=f"{summary}; {needed} are needed",
        networks=(judged.segment.name,),
        covers=frozenset(pairs),
        evidence=(_evidence(pairs, judged, needed),),
        confidence=finding.Confidence.CERTAIN
        if needed.basis is requirement.Basis.CONFIGURATION
        else finding.Confidence.LIKELY,
    )


def _evidence(
    pairs: Collection[cause.Pair],
    judged: Judged,
    needed: requirement.Requirement,
) -> finding.Evidence:
    figures = _figures(pairs, judged)
    observed = f"{min(figures):.1f} to {max(figures):.1f} Mbit/s"
    others = [
        requirement.mbits(report)
        for pair, report in judged.reports.items()
        if pair not in pairs
    ]
    if others:
        observed += (
            f"; between the other hosts {statistics.median(others):.0f} "
            f"Mbit/s (median of {len(others)})"
        )
    return finding.Evidence(
        host=None,
        source=f"iperf3, {judged.how}, {len(pairs)} pairs of hosts",
        expected=f"at least {needed}",
        observed=observed,
    )


def _figures(pairs: Collection[cause.Pair], judged: Judged) -> list[float]:
    return [requirement.mbits(judged.reports[one]) for one in pairs]


def _link(
    host: str, segment: segments.Segment
) -> tuple[finding.Evidence, ...]:
    """Tell when a host's link was negotiated slower than the others'."""
    links = {
        one.host: one.link
        for one in segment.members
        if one.link is not None and one.link.speed
    }
    mine = links.pop(host, None)
    speeds = [one.speed for one in links.values() if one.speed]
    if mine is None or not mine.speed or not speeds:
        return ()
    usual = statistics.median_low(speeds)
    if mine.speed >= usual and mine.duplex != "half":
        return ()
    return (
        finding.Evidence(
            host=host,
            source=f"speed and duplex of {mine.name}",
            expected=f"{usual} Mbit/s, full duplex, as on the other hosts",
            observed=f"{mine.speed} Mbit/s, {mine.duplex or 'unknown'} duplex",
        ),
    )
