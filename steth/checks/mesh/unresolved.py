# SPDX-License-Identifier: Apache-2.0
"""Hosts that address resolution reaches, and that make nothing of it.

Between two hosts ARP or neighbour discovery was seen to arrive, in the
question and in the answer, on the devices of both, and one of them does not
know the other's hardware address: it drops what arrives. Or the question
arrives at a host, which does not answer.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import enum

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import passage
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import probe

#: So many questions, or answers, are not those that came too late.
_FEWEST = 2
_REMEDY = (
    "Let address resolution in and out (nft list ruleset, arptables-save; for "
    "IPv6 the ICMPv6 types 135 and 136), and see net.ipv4.conf.*.arp_ignore."
)


class _How(enum.Enum):
    """What a host does with address resolution."""

    DROPS = "drops the answers to its"
    SILENT = "does not answer"


_Accused = dict[tuple[str, _How], dict[cause.Pair, str]]


def hosts(second: matrix.Matrix) -> frozenset[str]:
    """Return the hosts that do not know the address of one that they ask.

    Their kernels keep replies for it until they know, and while these fill
    the buffer that is for replies on all networks, lose others.
    """
    return frozenset(
        pair.source
        for (pair, _), result in second.results.items()
        if result.failure is probe.FailureKind.NO_NEIGHBOUR
    )


def causes(
    segment: segments.Segment, second: matrix.Matrix
) -> Iterator[cause.Cause]:
    """Return the hosts of a segment that make nothing of what arrives.

    :param second: the watched round
    """
    seen = passage.watchers(second)
    accused: _Accused = {}
    for pair, size, result in second.of_segment(segment.name):
        if (
            size is plan.Size.SMALL
            and result.failure is probe.FailureKind.NO_NEIGHBOUR
            and not result.received
        ):
            judged = _judged(segment, second, pair, seen)
            if judged is not None:
                host, how, observed = judged
                accused.setdefault((host, how), {})[pair] = observed
    explained: set[cause.Pair] = set()
    # Whom most accuse comes first: those who accuse him lack his answers.
    for (host, how), pairs in sorted(
        accused.items(), key=lambda one: (-len(one[1]), one[0][0])
    ):
        if pairs.keys() <= explained:
            continue
        found = _cause(segment, second, host, how, pairs)
        explained |= found.covers
        yield found


def _arrived(
    second: matrix.Matrix, member: segments.Member, way: tuple[str, str]
) -> int:
    """Count what came in on the device that has the host's address.

    Where it arrives at another one only, nobody drops it.
    """
    return sum(
        one.count
        for one in second.reports[member.host].sightings
        if one.kind is probe.PacketKind.ARP
        and not one.outgoing
        and (one.source, one.destination) == way
        and member.link is not None
        and one.device == member.link.name
    )


def _judged(
    segment: segments.Segment,
    second: matrix.Matrix,
    pair: cause.Pair,
    seen: Mapping[str, passage.Seen],
) -> tuple[str, _How, str] | None:
    """Say which end is at fault, if it is one of them, and what it did."""
    watched = passage.ends(segment, pair, seen)
    if watched is None:
        return None
    source, target = watched
    there = (source.address, target.address)
    back = (target.address, source.address)
    asked = _arrived(second, target, there)
    told = _arrived(second, source, back)
    if asked < _FEWEST:
        return None
    if seen[pair.target].out(probe.PacketKind.ARP, back, 0) == 0:
        observed = f"{asked} questions of {pair.source} came in, 0 answered"
        return pair.target, _How.SILENT, observed
    if told >= _FEWEST:
        observed = f"{told} came in from {pair.target}, which is not resolved"
        return pair.source, _How.DROPS, observed
    return None


def _cause(
    segment: segments.Segment,
    second: matrix.Matrix,
    host: str,
    how: _How,
    pairs: Mapping[cause.Pair, str],
) -> cause.Cause:
    # What else the host loses meanwhile follows from it, see hosts().
    besides = frozenset(pair for pair, _ in second.results if host in pair[1:])
    return cause.Cause(
        entry=msgspec.structs.replace(catalogue.HOST_FILTERED, remedy=_REMEDY),
        summary=(
            f"{host} {how.value} address resolution "
            f"({'ARP' if segment.family == 4 else 'neighbour discovery'}) on "
            f"network {segment.name}"
        ),
        host=host,
        device=segment.device(host),
        networks=(segment.name,),
        covers=cause.both_ways(pairs) | besides,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source="address resolution counted on the device",
                expected="addresses are resolved",
                observed=observed,
            )
            for observed in list(pairs.values())[:3]
        ),
    )
