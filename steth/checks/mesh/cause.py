# SPDX-License-Identifier: Apache-2.0
"""A cause of trouble between hosts, and the finding it becomes."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import segments
from steth.model import finding


class Pair(NamedTuple):
    """An ordered pair of hosts on a segment."""

    segment: str
    source: str
    target: str

    @property
    def reverse(self) -> "Pair":
        """The pair for the other direction."""
        return Pair(self.segment, self.target, self.source)


def both_ways(pairs: Iterable[Pair]) -> frozenset[Pair]:
    """Return pairs with their reverse: a round trip needs both ways."""
    return frozenset(each for pair in pairs for each in (pair, pair.reverse))


def pairs_of(segment: segments.Segment, *hosts: str) -> frozenset[Pair]:
    """Return the ordered pairs of a segment that one of the hosts is in."""
    everybody = [one.host for one in segment.members]
    return frozenset(
        Pair(segment.name, source, target)
        for source in everybody
        for target in everybody
        if source != target and (source in hosts or target in hosts)
    )


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause, with the pairs whose trouble it explains.

    ``full_size_only``: it explains only that full-size packets fail.
    ``affects`` are things in trouble that are not pairs.
    """

    entry: catalogue.Entry
    summary: str
    evidence: tuple[finding.Evidence, ...]
    host: str | None = None
    device: str | None = None
    netns: str | None = None
    networks: tuple[str, ...] = ()
    covers: frozenset[Pair] = frozenset()
    full_size_only: bool = False
    affects: tuple[str, ...] = ()
    confidence: finding.Confidence = finding.Confidence.CERTAIN


def merged(causes: Iterable[Cause]) -> list[Cause]:
    """Make one of those that are the same on several networks.

    A NIC that is down is one fault, however many VLANs or subnets it holds;
    so is what is said of a host in the same words.
    """
    kept: dict[tuple[str, str | None, str], Cause] = {}
    result: list[Cause] = []
    for one in causes:
        key = (one.entry.code, one.host, one.device or one.summary)
        if one.host is None:
            result.append(one)
            continue
        if key not in kept:
            kept[key] = one
            continue
        first = kept[key]
        kept[key] = msgspec.structs.replace(
            first,
            networks=tuple(dict.fromkeys(first.networks + one.networks)),
            covers=first.covers | one.covers,
            affects=tuple(dict.fromkeys(first.affects + one.affects)),
            evidence=tuple(dict.fromkeys(first.evidence + one.evidence)),
        )
    return list(kept.values()) + result


def to_finding(
    one: Cause,
    check: str,
    troubled: frozenset[Pair],
    totals: dict[str, int],
) -> finding.Finding:
    """Return the finding that tells of a cause.

    :param check: the name of the check that found it
    :param troubled: all pairs with trouble, to count those affected
    :param totals: the number of ordered pairs of each segment
    """
    return finding.Finding(
        code=one.entry.code,
        severity=one.entry.severity,
        check=check,
        summary=one.summary,
        location=finding.Location(
            host=one.host,
            netns=one.netns,
            device=one.device,
            network=", ".join(one.networks) or None,
        ),
        affects=_affects(one, troubled, totals) + one.affects,
        evidence=one.evidence,
        remedy=one.entry.remedy,
        confidence=one.confidence,
    )


def _affects(
    one: Cause, troubled: frozenset[Pair], totals: dict[str, int]
) -> tuple[str, ...]:
    affected: dict[str, int] = {}
    for pair in one.covers & troubled:
        affected[pair.segment] = affected.get(pair.segment, 0) + 1
    size = " at full size" if one.full_size_only else ""
    return tuple(
        f"{count} of {totals[segment]} pairs on {segment}{size}"
        for segment, count in sorted(affected.items())
    )


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return names in a row, shortened so that a person still reads it."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
