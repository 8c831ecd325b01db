# SPDX-License-Identifier: Apache-2.0
"""The fewest causes that explain the ways that do not pass.

A way is an ordered pair of hosts. Ways that are dead are explained by what
they have in common: a network in pieces, a host cut off, a host that does
not transmit or receive. Ways that lose a part are explained by the host or
the way whose own rate of loss makes what was counted most likely.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import enum
import math
from typing import NamedTuple

import msgspec

from steth.checks.mesh import passage


class Way(NamedTuple):
    """A direction between two hosts."""

    source: str
    target: str

    @property
    def back(self) -> "Way":
        """The other direction."""
        return Way(self.target, self.source)


class Kind(enum.Enum):
    """What a set of ways has in common."""

    #: Every way of the network.
    ALL = "all"
    #: All ways between groups of hosts.
    GROUPS = "groups"
    #: All ways from and to one host.
    HOST = "host"
    #: All ways from one host.
    FROM_HOST = "from-host"
    #: All ways to one host.
    TO_HOST = "to-host"
    #: Both ways between two hosts.
    BOTH_WAYS = "both-ways"
    #: One way.
    ONE_WAY = "one-way"


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """Ways with one thing in common.

    ``hosts`` has the one host of ``HOST``, ``FROM_HOST`` and ``TO_HOST``, the
    two ends of ``BOTH_WAYS`` and ``ONE_WAY`` (source first); ``groups`` the
    groups of ``GROUPS``. ``count`` sums the packets of ``ways``.
    """

    kind: Kind
    ways: frozenset[Way]
    hosts: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    count: passage.Count = passage.Count(0, 0)


def dead(alive: Collection[Way], lost: Collection[Way]) -> list[Pattern]:
    """Explain the ways on which nothing passed.

    :param alive: ways on which something passed
    :param lost: ways on which something was sent and nothing arrived
    """
    if not lost:
        return []
    hosts = sorted({host for way in (*alive, *lost) for host in way})
    if not alive and len(hosts) > 2:
        return [
            Pattern(kind=Kind.ALL, ways=frozenset(lost), hosts=tuple(hosts))
        ]
    pieces = _pieces(hosts, alive)
    patterns: list[Pattern] = []
    groups = [piece for piece in pieces if len(piece) > 1]
    if len(groups) > 1:
        between = frozenset(
            way
            for way in lost
            if _place(way.source, groups) is not None
            and _place(way.target, groups) is not None
            and _place(way.source, groups) != _place(way.target, groups)
        )
        patterns.append(
            Pattern(
                kind=Kind.GROUPS,
                ways=between,
                groups=tuple(tuple(piece) for piece in groups),
            )
        )
    if len(hosts) > 2:
        patterns.extend(
            Pattern(
                kind=Kind.HOST,
                ways=frozenset(way for way in lost if piece[0] in way),
                hosts=(piece[0],),
            )
            for piece in pieces
            if len(piece) == 1
        )
    explained = {way for pattern in patterns for way in pattern.ways}
    rest = set(lost) - explained
    return patterns + list(_of_one_piece(rest, set(alive)))


def _pieces(hosts: Iterable[str], alive: Iterable[Way]) -> list[list[str]]:
    """Return the hosts in groups that something passes within."""
    piece_of = {host: {host} for host in hosts}
    for source, target in alive:
        if piece_of[source] is not piece_of[target]:
            joined = piece_of[source] | piece_of[target]
            for host in joined:
                piece_of[host] = joined
    pieces = {id(piece): sorted(piece) for piece in piece_of.values()}
    return sorted(pieces.values(), key=lambda one: (-len(one), one))


def _place(host: str, groups: list[list[str]]) -> int | None:
    return next(
        (index for index, group in enumerate(groups) if host in group), None
    )


def _of_one_piece(rest: set[Way], alive: set[Way]) -> Iterator[Pattern]:
    """Explain dead ways between hosts that hear each other otherwise."""
    while rest:
        kind, host, ways = max(
            (
                (kind, host, ways)
                for host in sorted({host for way in rest for host in way})
                for kind, ways in (
                    (Kind.FROM_HOST, {w for w in rest if w.source == host}),
                    (Kind.TO_HOST, {w for w in rest if w.target == host}),
                )
            ),
            key=lambda one: len(one[2]),
        )
        end = 0 if kind is Kind.FROM_HOST else 1
        if len(ways) < 2 or any(way[end] == host for way in alive):
            break
        yield Pattern(kind=kind, ways=frozenset(ways), hosts=(host,))
        rest -= ways
    for way in sorted(rest):
        if way.back not in rest:
            yield Pattern(
                kind=Kind.ONE_WAY, ways=frozenset({way}), hosts=tuple(way)
            )
        elif way < way.back:
            yield Pattern(
                kind=Kind.BOTH_WAYS,
                ways=frozenset({way, way.back}),
                hosts=tuple(way),
            )


#: How much likelier, as a logarithm, a cause has to make what was counted
#: before it is believed (e^8: one in 3,000 by chance), how many packets have
#: to be lost, and which part of all: less than that is nobody's fault.
_GAIN = 8.0
_LOST = 3
_RATE = 0.005


def partial(counts: Mapping[Way, passage.Count]) -> list[Pattern]:
    """Explain the ways on which a part of the packets was lost.

    The greatest likelihood ratio between "these ways have a rate of loss of
    their own" and "all have the same" names the next cause, until what is
    left tells no way from another.
    """
    rest = dict(counts)
    patterns: list[Pattern] = []
    while rest:
        best = max(
            (
                one
                for one in _candidates(rest)
                if matters(one.count) and len(one.ways) < len(rest)
            ),
            key=lambda one: _gain(one, rest),
            default=None,
        )
        if best is None or _gain(best, rest) < _GAIN:
            break
        patterns.append(best)
        for way in best.ways:
            del rest[way]
    hosts = tuple(sorted({host for way in rest for host in way}))
    everywhere = _pattern(Kind.ALL, rest.keys(), hosts, rest)
    if matters(everywhere.count):
        patterns.append(everywhere)
    return patterns


def matters(count: passage.Count) -> bool:
    """Tell whether more was lost than what is nobody's fault."""
    return count.lost >= _LOST and _rate(count) >= _RATE


def _candidates(counts: Mapping[Way, passage.Count]) -> Iterator[Pattern]:
    hosts = sorted({host for way in counts for host in way})
    everything = frozenset(counts)
    # In the order of preference where two explain equally well.
    for way in sorted(counts):
        yield _pattern(Kind.ONE_WAY, {way}, tuple(way), counts)
    for way in sorted(counts):
        if way < way.back and way.back in counts:
            yield _pattern(Kind.BOTH_WAYS, {way, way.back}, tuple(way), counts)
    for host in hosts:
        going = {way for way in everything if way.source == host}
        coming = {way for way in everything if way.target == host}
        if len(going) > 1:
            yield _pattern(Kind.FROM_HOST, going, (host,), counts)
        if len(coming) > 1:
            yield _pattern(Kind.TO_HOST, coming, (host,), counts)
        if len(going) > 1 or len(coming) > 1:
            yield _pattern(Kind.HOST, going | coming, (host,), counts)


def _pattern(
    kind: Kind,
    ways: Collection[Way],
    hosts: tuple[str, ...],
    counts: Mapping[Way, passage.Count],
) -> Pattern:
    total = passage.Count(0, 0)
    for way in ways:
        total = total.plus(counts[way])
    return Pattern(kind=kind, ways=frozenset(ways), hosts=hosts, count=total)


def _gain(pattern: Pattern, counts: Mapping[Way, passage.Count]) -> float:
    """Return the log likelihood ratio that speaks for a pattern."""
    everything = _pattern(Kind.ALL, counts.keys(), (), counts).count
    inside = pattern.count
    outside = passage.Count(
        everything.entered - inside.entered, everything.passed - inside.passed
    )
    if _rate(inside) <= _rate(outside):
        return 0.0
    return _likelihood(inside) + _likelihood(outside) - _likelihood(everything)


def _rate(count: passage.Count) -> float:
    return count.lost / count.entered if count.entered else 0.0


def _likelihood(count: passage.Count) -> float:
    """Return the log likelihood of a count at its own rate (binomial)."""
    lost, entered = count.lost, count.entered
    passed = entered - lost
    if not lost or not passed:
        return 0.0
    return lost * math.log(lost / entered) + passed * math.log(
        passed / entered
    )
