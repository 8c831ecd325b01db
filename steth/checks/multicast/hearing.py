# SPDX-License-Identifier: Apache-2.0
"""Who heard whom in the group, on which network."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import ipaddress

import msgspec

from steth.checks.mesh import attribution
from steth.checks.mesh import segments
from steth.model import multicast


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one network.

    ``senders`` sent, ``receivers`` told what they heard. On the ways of
    ``arrived`` a message got as far as the interface, on those of ``heard``
    to the program that had joined.
    """

    segment: segments.Segment
    senders: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    arrived: frozenset[attribution.Way] = frozenset()
    heard: frozenset[attribution.Way] = frozenset()

    @property
    def hosts(self) -> frozenset[str]:
        """All that took part."""
        return self.senders | self.receivers

    @property
    def ways(self) -> frozenset[attribution.Way]:
        """Every way of which it is known whether messages pass.

        They are sent with a hop limit of one and need not pass between
        subnets.
        """
        subnets = subnets_of(self.segment.members, self.segment)
        receivers: dict[str | None, list[str]] = {}
        for host in self.receivers:
            receivers.setdefault(subnets[host], []).append(host)
        return frozenset(
            attribution.Way(source, target)
            for source in self.senders
            for target in receivers.get(subnets[source], ())
            if source != target
        )

    @property
    def lost(self) -> frozenset[attribution.Way]:
        """The ways on which no message arrived."""
        return self.ways - self.arrived

    @property
    def filtered(self) -> frozenset[attribution.Way]:
        """The ways on which messages arrived and were not heard."""
        return (self.ways & self.arrived) - self.heard


def build(
    checked: Sequence[segments.Segment],
    hosts: Sequence[str],
    reports: Mapping[str, multicast.MulticastReport],
) -> list[Hearing]:
    """Return what one pass brought, for each network.

    A host sends once on an interface, also where it has several networks.
    Without all that arrived, nothing is said of what a host did not get.

    :param hosts: by their index in the run
    """
    return [_one(segment, hosts, reports) for segment in checked]


def _one(
    segment: segments.Segment,
    hosts: Sequence[str],
    reports: Mapping[str, multicast.MulticastReport],
) -> Hearing:
    results = {
        host: result
        for host, report in reports.items()
        for result in report.results
        if result.interface == segment.device(host)
        and ipaddress.ip_address(result.address).version == segment.family
    }
    return Hearing(
        segment=segment,
        senders=frozenset(
            host for host, one in results.items() if not one.refused
        ),
        receivers=frozenset(
            host for host in results if not reports[host].lost
        ),
        arrived=frozenset(
            attribution.Way(hosts[sender], host)
            for host, one in results.items()
            for sender in (*one.arrived, *one.heard)
        ),
        heard=frozenset(
            attribution.Way(hosts[sender], host)
            for host, one in results.items()
            for sender in one.heard
        ),
    )


def subnets_of(
    members: Iterable[segments.Member], segment: segments.Segment
) -> dict[str, str | None]:
    """Return the subnets of members of a segment, by host."""
    return {one.host: segment.subnet(one.address) for one in members}


def by_subnet(heard: Hearing) -> list[Hearing]:
    """Divide what is known of a network by its subnets.

    What does not pass in one is explained without the hosts of the others.
    """
    subnets = subnets_of(heard.segment.members, heard.segment)
    populated = sorted({str(subnets[host]) for host in heard.hosts})
    if len(populated) < 2:
        return [heard]
    return [
        _within(
            heard,
            subnet,
            frozenset(host for host in heard.hosts if subnets[host] == subnet),
        )
        for subnet in populated
    ]


def _within(heard: Hearing, subnet: str, hosts: frozenset[str]) -> Hearing:
    segment = heard.segment
    return Hearing(
        segment=msgspec.structs.replace(
            segment,
            name=f"{segment.name} {subnet}",
            cidrs=(subnet,),
            members=tuple(one for one in segment.members if one.host in hosts),
        ),
        senders=heard.senders & hosts,
        receivers=heard.receivers & hosts,
        arrived=frozenset(way for way in heard.arrived if hosts >= set(way)),
        heard=frozenset(way for way in heard.heard if hosts >= set(way)),
    )


def joined(first: Hearing, second: Hearing) -> Hearing:
    """Return what two passes tell; who fails in the second has failed."""
    return msgspec.structs.replace(
        second,
        arrived=first.arrived | second.arrived,
        heard=first.heard | second.heard,
    )
