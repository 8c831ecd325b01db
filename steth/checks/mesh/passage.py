# SPDX-License-Identifier: Apache-2.0
"""Where on their way the packets of a watched round were counted.

A packet from x that y answers passes five points: x's socket, x's device,
y's device, y's device again as a reply, x's device, x's socket. Between two
of them stands what may drop it::

    x sends -LEAVE-> x's device -WIRE-> y's device -ANSWER-> y's device
                -WIRE (y to x)-> x's device -DELIVER-> x's socket

What is counted at one point has to be counted at the next.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import enum
from typing import NamedTuple

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import probe


class Stage(enum.Enum):
    """A part of the way of a packet."""

    LEAVE = "leave"
    WIRE = "wire"
    ANSWER = "answer"
    DELIVER = "deliver"


class Count(msgspec.Struct, frozen=True):
    """Packets that entered a stage, and those of them that passed it."""

    entered: int
    passed: int

    @property
    def lost(self) -> int:
        """How many did not pass."""
        return max(0, self.entered - self.passed)

    @property
    def dead(self) -> bool:
        """Whether nothing passed."""
        return self.entered > 0 and self.passed == 0

    def plus(self, other: "Count") -> "Count":
        """Return the sum of two counts."""
        return Count(self.entered + other.entered, self.passed + other.passed)


class Step(NamedTuple):
    """One stage of one ordered pair, for one size.

    The pair is the direction in which the packet went: for ``ANSWER`` from
    the one who asked to the one who has to answer.
    """

    stage: Stage
    pair: cause.Pair
    size: plan.Size


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of one segment.

    ``resolution`` counts, by pair, ARP packets or neighbour discovery: they
    tell layer 2 from what is above it. Steps that nobody watched are absent.
    """

    counts: Mapping[Step, Count]
    resolution: Mapping[cause.Pair, Count]

    def of_stage(
        self, stage: Stage, size: plan.Size
    ) -> dict[cause.Pair, Count]:
        """Return one stage's counts by pair."""
        return {
            step.pair: count
            for step, count in self.counts.items()
            if step.stage is stage and step.size is size
        }


#: Kind, whether outgoing, source, destination and size.
_Key = tuple[probe.PacketKind, bool, str, str, int]


class Seen:
    """The sightings of one host, ready to be looked up."""

    def __init__(self, report: probe.IcmpReport) -> None:
        self._counts: dict[_Key, int] = {}
        #: By source: the hardware addresses that were claimed with it.
        self.claims: dict[str, set[str]] = {}
        by_device: dict[tuple[_Key, str], int] = {}
        for one in report.sightings:
            is_arp = one.kind is probe.PacketKind.ARP
            key = (
                one.kind,
                one.outgoing,
                one.source,
                one.destination,
                0 if is_arp else one.size,
            )
            place = (key, one.device)
            by_device[place] = by_device.get(place, 0) + one.count
            if one.mac is not None and not one.outgoing:
                self.claims.setdefault(one.source, set()).add(one.mac)
        for (key, _), count in by_device.items():
            # A packet passes several devices of a host (a VLAN and its NIC).
            self._counts[key] = max(self._counts.get(key, 0), count)

    def out(
        self, kind: probe.PacketKind, way: tuple[str, str], size: int
    ) -> int:
        """Count the packets that went out on a device of the host."""
        return self._counts.get((kind, True, *way, size), 0)

    def came(
        self, kind: probe.PacketKind, way: tuple[str, str], size: int
    ) -> int:
        """Count the packets that came in on a device of the host."""
        return self._counts.get((kind, False, *way, size), 0)


def watchers(second: matrix.Matrix) -> dict[str, Seen]:
    """Return what was seen by host, of those that saw everything.

    A watch that lost packets itself proves nothing by not seeing one.
    """
    return {
        host: Seen(report)
        for host, report in second.reports.items()
        if report.lost_by_watch == 0
    }


def build(
    segment: segments.Segment, second: matrix.Matrix, small: int
) -> Passage:
    """Count the packets of a watched round along their ways.

    :param small: length of the small packets in bytes, as they were asked
    """
    seen = watchers(second)
    counts: dict[Step, Count] = {}
    resolution: dict[cause.Pair, Count] = {}
    for pair, size, result in second.of_segment(segment.name):
        length = plan.packet_size(segment, size, small)
        for step, count in _steps(segment, pair, size, length, result, seen):
            before = counts.get(step, Count(0, 0))
            counts[step] = before.plus(count)
        if pair not in resolution:
            found = _resolution(segment, pair, seen)
            if found is not None:
                resolution[pair] = found
    return Passage(counts=counts, resolution=resolution)


def _steps(
    segment: segments.Segment,
    pair: cause.Pair,
    size: plan.Size,
    length: int,
    result: probe.IcmpResult,
    seen: Mapping[str, Seen],
) -> Iterator[tuple[Step, Count]]:
    source = segment.member(pair.source)
    target = segment.member(pair.target)
    if source is None or target is None or pair.source not in seen:
        return
    there = (source.address, target.address)
    back = (target.address, source.address)
    here = seen[pair.source]
    request, reply = probe.PacketKind.REQUEST, probe.PacketKind.REPLY
    # What was answered passed everywhere, even if somebody began to watch
    # too late to see it.
    answered = result.received
    left = max(here.out(request, there, length), answered)
    if result.failure not in {
        probe.FailureKind.NO_NEIGHBOUR,
        probe.FailureKind.NO_ROUTE,
        probe.FailureKind.TOO_BIG,
    }:
        yield Step(Stage.LEAVE, pair, size), Count(result.sent, left)
    returned = max(here.came(reply, back, length), answered)
    yield Step(Stage.DELIVER, pair, size), Count(returned, answered)
    if pair.target not in seen:
        return
    far = seen[pair.target]
    arrived = max(far.came(request, there, length), answered)
    replied = max(far.out(reply, back, length), answered)
    yield Step(Stage.WIRE, pair, size), Count(left, arrived)
    yield Step(Stage.ANSWER, pair, size), Count(arrived, replied)
    yield Step(Stage.WIRE, pair.reverse, size), Count(replied, returned)


def ends(
    segment: segments.Segment, pair: cause.Pair, seen: Mapping[str, Seen]
) -> tuple[segments.Member, segments.Member] | None:
    """Return both hosts of a pair, ``None`` unless both were watching."""
    source, target = segment.member(pair.source), segment.member(pair.target)
    if (
        source is None
        or target is None
        or pair.source not in seen
        or pair.target not in seen
    ):
        return None
    return source, target


def _resolution(
    segment: segments.Segment, pair: cause.Pair, seen: Mapping[str, Seen]
) -> Count | None:
    watched = ends(segment, pair, seen)
    if watched is None:
        return None
    source, target = watched
    way = (source.address, target.address)
    arp = probe.PacketKind.ARP
    return Count(
        seen[pair.source].out(arp, way, 0), seen[pair.target].came(arp, way, 0)
    )
