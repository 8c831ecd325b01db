# SPDX-License-Identifier: Apache-2.0
"""Addresses that two machines on a segment have, as the hosts tell."""

import collections
from collections.abc import Iterator

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding

_ADDRESSES = "addresses (netlink)"


def causes(segment: segments.Segment) -> Iterator[cause.Cause]:
    """Find addresses that two hosts of a segment have.

    The one for whom it is not the only address on the segment is taken for
    the intruder.
    """
    holders: dict[str, list[segments.Member]] = collections.defaultdict(list)
    for member in segment.sources:
        held = list(member.others)
        if member.link is not None and member.link.admin_up:
            # A spare that holds the address while its device is down
            # disturbs nobody.
            held.append(member.address)
        for address in dict.fromkeys(held):
            holders[address].append(member)
    for address, members in sorted(holders.items()):
        if len(members) < 2:
            continue
        members.sort(key=lambda one: (not one.others, one.host))
        hosts = [one.host for one in members]
        places = {
            one.host: one.link.name for one in members if one.link is not None
        }
        yield cause.Cause(
            entry=catalogue.UNDERLAY_ADDRESS_DUPLICATE,
            summary=(
                f"{address} on network {segment.name} belongs to "
                f"{len(hosts)} hosts: {cause.listed(hosts)}"
            ),
            host=hosts[0],
            device=places.get(hosts[0]),
            networks=(segment.name,),
            covers=cause.pairs_of(segment, *hosts),
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source=_ADDRESSES,
                    expected=f"{address} on one host only",
                    observed=f"{address} on {places.get(host, '?')}",
                )
                for host in hosts
            ),
        )


def detected(segment: segments.Segment) -> Iterator[cause.Cause]:
    """Yield addresses that a host's own kernel found somebody else to have.

    The host does not use them: it may be on the segment with another one.
    """
    for one in segment.claimed:
        holders = [
            member
            for member in segment.sources
            if one.address in (member.address, *member.others)
        ]
        whose = holders[0].host if holders else "another machine"
        yield cause.Cause(
            entry=catalogue.UNDERLAY_ADDRESS_DUPLICATE,
            summary=(
                f"{one.host} may not use {one.address} on network "
                f"{segment.name}: {whose} has it"
            ),
            host=one.host,
            device=one.device,
            networks=(segment.name,),
            evidence=(
                finding.Evidence(
                    host=one.host,
                    source=_ADDRESSES,
                    expected=f"{one.address} on {one.device}",
                    observed=f"{one.address} on {one.device}, dadfailed: its "
                    f"duplicate was detected",
                ),
                *(
                    finding.Evidence(
                        host=member.host,
                        source=_ADDRESSES,
                        expected=f"{one.address} on one host only",
                        observed=f"{one.address} on {member.link.name}",
                    )
                    for member in holders
                    if member.link
                ),
            ),
        )
