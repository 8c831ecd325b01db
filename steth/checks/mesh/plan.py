# SPDX-License-Identifier: Apache-2.0
"""The requests to the agents: one a host and round, whatever the targets.

The first round asks every pair with few packets of both sizes. Where it
meets trouble, the second asks the hosts in trouble again, with more packets,
while all of them watch their devices. What is more than an agent takes at
once is asked in parts; two hosts ask each other in the same part, so that
each watches while the other sends.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import enum
import ipaddress
import itertools

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.rpc import requests

#: What one host sends at the most in the second round, in packets, how many
#: of them may go to one target, and how many seconds lie between these.
_SECOND_ROUND_PACKETS = 4000
_SECOND_ROUND_COUNT = (10, 60)
_SECOND_ROUND_INTERVAL = 0.05
#: Where as many were too many, the fewest are sent, over a longer time.
_GENTLE_INTERVAL = 0.5
#: Seconds that every agent watches before it sends and after its last
#: answer is due: agents that got their request late are still seen.
_WATCH_AHEAD = 0.8
_WATCH_BEHIND = 0.5
#: Packets per second that an agent sends unless it is told otherwise, see
#: max_packet_rate in its configuration.
_PACE = 1000
#: What is planned to be sent in one request, in seconds: an agent refuses what
#: takes it longer than its ceiling.
_LONGEST = int(requests.MAX_SECONDS) - 20


class Size(enum.Enum):
    """The two sizes of packets."""

    SMALL = "small"
    FULL = "full"


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a target in a request stands for."""

    pair: cause.Pair
    size: Size


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of a round, or of a part of it, and what they stand for.

    ``probes`` has, by host, one entry for each target of the request.
    """

    requests: Mapping[str, requests.ProbeIcmp]
    probes: Mapping[str, Sequence[Probe]]

    @property
    def seconds(self) -> float:
        """How long the slowest agent will take."""
        return seconds(self.requests.values())


def seconds(asked: Iterable[requests.ProbeIcmp]) -> float:
    """Return how long the slowest of some requests will take."""
    return max(
        (
            one.delay
            + max(one.count * one.interval, one.packets / _PACE)
            + one.timeout
            + one.linger
            for one in asked
        ),
        default=0.0,
    )


def first_round(
    checked: Sequence[segments.Segment], count: int, size: int, run: int
) -> list[Round]:
    """Plan all pairs of all segments, small and full-size.

    :param count: packets for each target and size
    :param size: length of the small packets in bytes
    :param run: the run's mark
    :returns: the parts of the round, to be asked one after the other
    """
    return [
        Round(
            requests={
                host: requests.ProbeIcmp(
                    targets=tuple(of_host), count=count, run=run
                )
                for host, of_host in part.targets.items()
            },
            probes=part.probes,
        )
        for part in _parts(checked, None, size, count)
    ]


def second_round(
    checked: Sequence[segments.Segment],
    troubled: Iterable[cause.Pair],
    size: int,
    run: int,
    known: Collection[cause.Pair] = frozenset(),
    *,
    gently: bool = False,
) -> list[Round]:
    """Plan all pairs that a host of a troubled pair is in, watched.

    Those without trouble are asked too: what passes there tells whose fault
    it is that something else does not.

    :param known: pairs whose trouble is explained, which are left alone:
        a host that cannot answer keeps replies until they are too many, and
        loses those to others as well
    :param gently: send fewer packets, far fewer at a time
    :returns: the parts of the round, to be asked one after the other
    """
    hosts: dict[str, set[str]] = {}
    for pair in troubled:
        hosts.setdefault(pair.segment, set()).update(
            (pair.source, pair.target)
        )
    low, high = _SECOND_ROUND_COUNT
    interval = _SECOND_ROUND_INTERVAL
    if gently:
        high, interval = low, _GENTLE_INTERVAL
    return [
        Round(
            requests={
                host: requests.ProbeIcmp(
                    targets=tuple(of_host),
                    count=max(
                        low, min(high, _SECOND_ROUND_PACKETS // len(of_host))
                    ),
                    interval=interval,
                    run=run,
                    watch=True,
                    delay=_WATCH_AHEAD,
                    linger=_WATCH_BEHIND,
                )
                for host, of_host in part.targets.items()
            },
            probes=part.probes,
        )
        for part in _parts(checked, hosts, size, low, known)
    ]


class _Part:
    """Targets by host, no more than one request of each may have.

    :param most: of the targets of a host
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.targets: dict[str, list[requests.IcmpTarget]] = {}
        self.probes: dict[str, list[Probe]] = {}

    def has_room(self, couple: "_Couple") -> bool:
        """Tell whether the targets of two hosts can be added."""
        return all(
            len(self.targets.get(source.host, ())) + len(Size) <= self._most
            for source, _ in couple
        )

    def add(
        self, segment: segments.Segment, couple: "_Couple", small: int
    ) -> None:
        """Add the targets that two hosts have in each other."""
        for source, target in couple:
            targets = self.targets.setdefault(source.host, [])
            probes = self.probes.setdefault(source.host, [])
            pair = cause.Pair(segment.name, source.host, target.host)
            for size in Size:
                targets.append(
                    requests.IcmpTarget(
                        address=target.address,
                        source=source.address,
                        size=packet_size(segment, size, small),
                        dont_fragment=True,
                    )
                )
                probes.append(Probe(pair=pair, size=size))


def _parts(
    checked: Sequence[segments.Segment],
    only: Mapping[str, set[str]] | None,
    small: int,
    count: int,
    known: Collection[cause.Pair] = frozenset(),
) -> list[_Part]:
    """Return who asks whom, in as few parts as the agents' ceilings allow.

    :param only: the hosts of which one is in each pair, by segment
    :param count: packets for each target
    :param known: pairs that are left out
    """
    largest = max((one.mtu for one in checked), default=1)
    most = max(
        len(Size),
        min(
            requests.MAX_TARGETS,
            _PACE * _LONGEST // count,
            requests.MAX_BYTES // (count * largest),
        ),
    )
    parts: list[_Part] = []
    for segment in checked:
        wanted = None if only is None else only.get(segment.name, set())
        for couple in _couples(segment):
            if wanted is not None and wanted.isdisjoint(
                one.host for one in couple[0]
            ):
                continue
            if all(
                cause.Pair(segment.name, source.host, target.host) in known
                for source, target in couple
            ):
                continue
            part = next((one for one in parts if one.has_room(couple)), None)
            if part is None:
                part = _Part(most)
                parts.append(part)
            part.add(segment, couple, small)
    return parts


def packet_size(segment: segments.Segment, size: Size, small: int) -> int:
    """Return the length of the IP packet in bytes.

    A small packet is never as long as a full-size one, so that the two can
    be told apart where they are counted.
    """
    if size is Size.FULL:
        return segment.mtu
    return min(small, segment.mtu - 1)


def ordered_pairs(
    segment: segments.Segment,
) -> list[tuple[segments.Member, segments.Member]]:
    """Return who pings whom: every source every other address."""
    return [
        (source, target)
        for source in segment.sources
        for target in segment.members
        if source.host != target.host and _address(source) != _address(target)
    ]


#: Who pings whom, of two hosts: one the other, or each the other.
_Couple = list[tuple[segments.Member, segments.Member]]


def _couples(segment: segments.Segment) -> Iterator[_Couple]:
    """Yield the ordered pairs of a segment, those of two hosts together."""
    for one, other in itertools.combinations(segment.members, 2):
        if _address(one) == _address(other):
            continue
        couple = [
            (source, target)
            for source, target in ((one, other), (other, one))
            if source.answers_for_itself
        ]
        if couple:
            yield couple


def _address(
    member: segments.Member,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(member.address)
