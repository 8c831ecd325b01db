# SPDX-License-Identifier: Apache-2.0
"""Causes between the hosts: what left one device and reached no other."""

from collections.abc import Iterator
from collections.abc import Sequence

from steth.checks import catalogue
from steth.checks.mesh import attribution
from steth.checks.mesh import cause
from steth.checks.mesh import passage
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding

_SOURCE = "packets counted on the devices of both ends"

_Kind = attribution.Kind


def dead(
    segment: segments.Segment,
    counted: passage.Passage,
    size: plan.Size,
    alive: Sequence[cause.Pair],
) -> Iterator[cause.Cause]:
    """Tell where nothing passes between the hosts of a segment.

    :param alive: pairs that were not watched because all is well with them
    """
    counts = {
        attribution.Way(pair.source, pair.target): count
        for pair, count in counted.of_stage(passage.Stage.WIRE, size).items()
        if count.entered
    }
    resolved = {
        attribution.Way(pair.source, pair.target): count
        for pair, count in counted.resolution.items()
        if count.entered
    }
    lost = {way for way, count in counts.items() if count.dead}
    passing = {way for way, count in counts.items() if count.passed}
    if size is plan.Size.SMALL:
        # Who does not even get an address resolved sends no packet.
        for way, count in resolved.items():
            if way not in counts:
                (lost if count.dead else passing).add(way)
    for pair in alive:
        way = attribution.Way(pair.source, pair.target)
        passing.update((way, way.back))
    for pattern in attribution.dead(passing, lost):
        yield _dead(segment, pattern, counts, resolved, size)


def lossy(
    segment: segments.Segment, counted: passage.Passage
) -> Iterator[cause.Cause]:
    """Tell where a part of the packets is lost.

    Packets of both sizes are counted together: the more there are, the surer
    is whose loss it is. Where only full-size ones are lost, that is said.
    """
    small = _passing(counted, plan.Size.SMALL)
    full = _passing(counted, plan.Size.FULL)
    none = passage.Count(0, 0)
    both = {
        way: small.get(way, none).plus(full.get(way, none))
        for way in small.keys() | full.keys()
    }
    for pattern in attribution.partial(both):
        only_full = not any(
            small[way].lost for way in pattern.ways if way in small
        )
        yield _partial(segment, pattern, only_full)


def _passing(counted: passage.Passage, size: plan.Size) -> "_Counts":
    return {
        attribution.Way(pair.source, pair.target): count
        for pair, count in counted.of_stage(passage.Stage.WIRE, size).items()
        if count.passed
    }


_Counts = dict[attribution.Way, passage.Count]


def _dead(
    segment: segments.Segment,
    pattern: attribution.Pattern,
    counts: _Counts,
    resolved: _Counts,
    size: plan.Size,
) -> cause.Cause:
    whole = size is plan.Size.FULL
    layer_2 = any(
        way in resolved and resolved[way].passed for way in pattern.ways
    )
    entry = _entry(pattern, layer_2, whole)
    between = _between(pattern, segment.name)
    what = {
        catalogue.UNDERLAY_MTU_BLACK_HOLE.code: (
            f"packets of {segment.mtu} bytes vanish {between}, small ones pass"
        ),
        catalogue.UNDERLAY_FILTERED.code: (
            f"IP packets are dropped {between}, although layer 2 works"
        ),
        catalogue.UNDERLAY_SPLIT.code: f"nothing passes {between}",
        catalogue.UNDERLAY_ONE_WAY.code: (
            f"nothing passes {between}, while the other direction works"
        ),
        catalogue.UNDERLAY_NO_NEIGHBOUR.code: (
            f"nothing passes {between}, not even on layer 2"
        ),
    }[entry.code]
    return cause.Cause(
        entry=entry,
        summary=what,
        host=_place(pattern),
        device=_device(segment, pattern),
        networks=(segment.name,),
        covers=_covers(segment, pattern),
        full_size_only=whole,
        evidence=tuple(_evidence(segment, pattern, counts, resolved, size)),
    )


def _entry(
    pattern: attribution.Pattern, layer_2: bool, whole: bool
) -> catalogue.Entry:
    if whole:
        return catalogue.UNDERLAY_MTU_BLACK_HOLE
    if pattern.kind is _Kind.GROUPS:
        return catalogue.UNDERLAY_SPLIT
    if pattern.kind in {_Kind.FROM_HOST, _Kind.TO_HOST, _Kind.ONE_WAY}:
        return catalogue.UNDERLAY_ONE_WAY
    if layer_2:
        return catalogue.UNDERLAY_FILTERED
    return catalogue.UNDERLAY_NO_NEIGHBOUR


def _partial(
    segment: segments.Segment, pattern: attribution.Pattern, whole: bool
) -> cause.Cause:
    count = pattern.count
    rate = f"{100 * count.lost / count.entered:.1f} %"
    what = f"packets of {segment.mtu} bytes" if whole else "packets"
    return cause.Cause(
        entry=catalogue.UNDERLAY_PARTIAL_LOSS,
        summary=(
            f"{rate} of the {what} are lost {_between(pattern, segment.name)}"
        ),
        host=_place(pattern),
        device=_device(segment, pattern),
        networks=(segment.name,),
        covers=_covers(segment, pattern),
        full_size_only=whole,
        evidence=(
            finding.Evidence(
                host=_place(pattern),
                source=_SOURCE,
                expected=f"all {count.entered} arrive",
                observed=f"{count.lost} of {count.entered} lost ({rate})",
            ),
        ),
    )


def _between(pattern: attribution.Pattern, network: str) -> str:
    """Say where, for a sentence."""
    first = pattern.hosts[0] if pattern.hosts else ""
    if pattern.kind is _Kind.ALL:
        return f"between any of the hosts on {network}"
    if pattern.kind is _Kind.GROUPS:
        groups = " | ".join(cause.listed(one) for one in pattern.groups)
        return f"on {network} between the groups {groups}"
    if pattern.kind is _Kind.HOST:
        return f"between {first} and the other hosts on {network}"
    if pattern.kind is _Kind.FROM_HOST:
        return f"from {first} to the other hosts on {network}"
    if pattern.kind is _Kind.TO_HOST:
        return f"to {first} from the other hosts on {network}"
    if pattern.kind is _Kind.BOTH_WAYS:
        return f"between {first} and {pattern.hosts[1]} on {network}"
    return f"from {first} to {pattern.hosts[1]} on {network}"


def _place(pattern: attribution.Pattern) -> str | None:
    """Return the host where to look, if it is one."""
    if pattern.kind in {_Kind.ALL, _Kind.GROUPS}:
        return None
    return pattern.hosts[0]


def _device(
    segment: segments.Segment, pattern: attribution.Pattern
) -> str | None:
    place = _place(pattern)
    return segment.device(place) if place else None


def _covers(
    segment: segments.Segment, pattern: attribution.Pattern
) -> frozenset[cause.Pair]:
    return cause.both_ways(
        cause.Pair(segment.name, way.source, way.target)
        for way in pattern.ways
    )


def _evidence(
    segment: segments.Segment,
    pattern: attribution.Pattern,
    counts: _Counts,
    resolved: _Counts,
    size: plan.Size,
) -> Iterator[finding.Evidence]:
    """Yield what was counted, a line for each direction of the pattern."""
    place = _place(pattern)
    directions = {
        f"from {place}": [w for w in pattern.ways if w.source == place],
        f"to {place}": [w for w in pattern.ways if w.target == place],
        "between them": [w for w in pattern.ways if place not in w],
    }
    what = (
        f"packets of {segment.mtu} bytes"
        if size is plan.Size.FULL
        else "packets"
    )
    for direction, ways in directions.items():
        if not ways:
            continue
        sent = sum(counts[way].entered for way in ways if way in counts)
        asked = [resolved[way] for way in ways if way in resolved]
        seen = f"{sent} {what} left, 0 arrived"
        if asked and size is plan.Size.SMALL:
            left = sum(one.entered for one in asked)
            came = sum(one.passed for one in asked)
            seen += f"; address resolution: {left} left, {came} arrived"
        yield finding.Evidence(
            host=place,
            source=_SOURCE,
            expected=f"{what} {direction} arrive",
            observed=seen,
        )
