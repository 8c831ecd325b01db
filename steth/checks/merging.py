# SPDX-License-Identifier: Apache-2.0
"""Makes one finding of those with which several checks tell of one fault."""

from collections.abc import Iterable
from collections.abc import Sequence

import msgspec

from steth.model import finding


def merged(findings: Iterable[finding.Finding]) -> list[finding.Finding]:
    """Return the findings, the same fault once.

    It is the same when another check found the same code in the same place;
    where a place has several of one code, their sentences tell which. A
    device is one place, however many networks are on it. The check that
    found it first keeps it.
    """
    kept: list[finding.Finding] = []
    for one in findings:
        index = _same(one, kept)
        if index is None:
            kept.append(one)
        else:
            kept[index] = _joined(kept[index], one)
    return kept


def _same(one: finding.Finding, kept: Sequence[finding.Finding]) -> int | None:
    alike = [
        index
        for index, other in enumerate(kept)
        if other.code == one.code
        and _place(other.location) == _place(one.location)
        and one.check not in (other.check, *other.also_found_by)
    ]
    for index in alike:
        if kept[index].summary == one.summary:
            return index
    return alike[0] if len(alike) == 1 else None


def _affected(
    first: tuple[str, ...], second: tuple[str, ...]
) -> tuple[str, ...]:
    """Join what is affected; what both have counted, the first tells."""
    counted = {_what(one) for one in first}
    more = [one for one in second if _what(one) not in counted]
    return (*first, *dict.fromkeys(more))


def _what(affected: str) -> str:
    """Return what is counted of ``2 of 6 pairs on tunnel``."""
    number, _, what = affected.partition(" ")
    return what if number.isdecimal() else affected


def _place(location: finding.Location) -> finding.Location:
    if location.host is None or location.device is None:
        return location
    return msgspec.structs.replace(location, network=None)


def _joined(
    first: finding.Finding, second: finding.Finding
) -> finding.Finding:
    severities = list(finding.Severity)
    confidences = list(finding.Confidence)
    return msgspec.structs.replace(
        first,
        location=msgspec.structs.replace(
            first.location,
            network=_networks(first.location, second.location),
        ),
        severity=min(first.severity, second.severity, key=severities.index),
        confidence=min(
            first.confidence, second.confidence, key=confidences.index
        ),
        affects=_affected(first.affects, second.affects),
        evidence=tuple(dict.fromkeys(first.evidence + second.evidence)),
        also_found_by=(
            *first.also_found_by,
            second.check,
            *second.also_found_by,
        ),
    )


def _networks(*locations: finding.Location) -> str | None:
    names = [
        name
        for one in locations
        if one.network
        for name in one.network.split(", ")
    ]
    return ", ".join(dict.fromkeys(names)) or None
