# SPDX-License-Identifier: Apache-2.0
"""The requests to the agents: one a host and round, whatever the targets.

The first round asks every pair with few packets of both sizes. Where it
meets trouble, the second asks the hosts in trouble again, with more packets,
while all of them watch their devices.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import enum
import ipaddress

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.rpc import requests

#: What one host sends at the most in the second round, in packets, and how
#: many of them may go to one target.
_SECOND_ROUND_PACKETS = 4000
_SECOND_ROUND_COUNT = (10, 60)
#: Seconds that every agent watches before it sends and after its last
#: answer is due: agents that got their request late are still seen.
_WATCH_AHEAD = 0.8
_WATCH_BEHIND = 0.5


class Size(enum.Enum):
    """The two sizes of packets."""

    SMALL = "small"
    FULL = "full"


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a target in a request stands for."""

    pair: cause.Pair
    size: Size


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of a round, and the meaning of their targets.

    ``probes`` has, by host, one entry for each target of the request.
    """

    requests: Mapping[str, requests.ProbeIcmp]
    probes: Mapping[str, Sequence[Probe]]

    @property
    def seconds(self) -> float:
        """How long the slowest agent will take."""
        return max(
            (
                one.delay + one.count * one.interval + one.timeout + one.linger
                for one in self.requests.values()
            ),
            default=0.0,
        )


def first_round(
    checked: Iterable[segments.Segment], count: int, size: int, run: int
) -> Round:
    """Plan all pairs of all segments, small and full-size.

    :param count: packets for each target and size
    :param size: length of the small packets in bytes
    :param run: the run's mark
    """
    targets, probes = _targets(checked, None, size)
    return Round(
        requests={
            host: requests.ProbeIcmp(
                targets=tuple(of_host), count=count, run=run
            )
            for host, of_host in targets.items()
        },
        probes=probes,
    )


def second_round(
    checked: Iterable[segments.Segment],
    troubled: Iterable[cause.Pair],
    size: int,
    run: int,
) -> Round:
    """Plan all pairs that a host of a troubled pair is in, watched.

    Those without trouble are asked too: what passes there tells whose fault
    it is that something else does not.
    """
    hosts: dict[str, set[str]] = {}
    for pair in troubled:
        hosts.setdefault(pair.segment, set()).update(
            (pair.source, pair.target)
        )
    targets, probes = _targets(checked, hosts, size)
    low, high = _SECOND_ROUND_COUNT
    return Round(
        requests={
            host: requests.ProbeIcmp(
                targets=tuple(of_host),
                count=max(
                    low, min(high, _SECOND_ROUND_PACKETS // len(of_host))
                ),
                interval=0.05,
                run=run,
                watch=True,
                delay=_WATCH_AHEAD,
                linger=_WATCH_BEHIND,
            )
            for host, of_host in targets.items()
        },
        probes=probes,
    )


def _targets(
    checked: Iterable[segments.Segment],
    only: Mapping[str, set[str]] | None,
    small: int,
) -> tuple[dict[str, list[requests.IcmpTarget]], dict[str, list[Probe]]]:
    targets: dict[str, list[requests.IcmpTarget]] = {}
    probes: dict[str, list[Probe]] = {}
    for segment in checked:
        wanted = None if only is None else only.get(segment.name, set())
        for source, target in ordered_pairs(segment):
            if wanted is not None and not (
                source.host in wanted or target.host in wanted
            ):
                continue
            pair = cause.Pair(segment.name, source.host, target.host)
            for size in Size:
                targets.setdefault(source.host, []).append(
                    requests.IcmpTarget(
                        address=target.address,
                        source=source.address,
                        size=packet_size(segment, size, small),
                        dont_fragment=True,
                    )
                )
                probes.setdefault(source.host, []).append(
                    Probe(pair=pair, size=size)
                )
    return targets, probes


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


def _address(
    member: segments.Member,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(member.address)
