# SPDX-License-Identifier: Apache-2.0
"""Speed and duplex of what a network stands on, against its peers.

Many drivers of virtual machines tell no speed: they are not judged.
"""

import collections
from collections.abc import Iterator

from steth.checks import catalogue
from steth.checks.host import uplinks
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model

_SOURCE = "link settings (ethtool)"
#: With fewer hosts nothing tells which speed is meant.
_FEWEST = 3
#: More slow ones than one of so many hosts are taken for a kind of machine
#: of its own, not for faults.
_OF_SO_MANY = 10


def causes(
    segment: segments.Segment, snapshots: segments.Snapshots
) -> Iterator[cause.Cause]:
    """Yield links with half duplex, and hosts slower than all others."""
    slowest: dict[str, host_model.Link] = {}
    for member in segment.sources:
        if member.link is None:
            continue
        links = [
            one
            for one in uplinks.below(member.link, snapshots[member.host].root)
            if one.carrier and one.speed
        ]
        for link in links:
            if link.duplex == "half":
                yield _half_duplex(segment, member.host, link)
        if links:
            slowest[member.host] = min(links, key=lambda one: one.speed or 0)
    yield from _slow(segment, slowest)


def _slow(
    segment: segments.Segment, slowest: dict[str, host_model.Link]
) -> Iterator[cause.Cause]:
    if len(slowest) < _FEWEST:
        return
    counted = collections.Counter(one.speed or 0 for one in slowest.values())
    usual, times = counted.most_common(1)[0]
    slow = [host for host, one in slowest.items() if (one.speed or 0) < usual]
    if times * 2 <= len(slowest) or len(slow) > max(
        1, len(slowest) // _OF_SO_MANY
    ):
        return
    for host in slow:
        link = slowest[host]
        yield cause.Cause(
            entry=catalogue.UNDERLAY_SPEED_LOW,
            summary=(
                f"{link.name} of {host} runs at {link.speed} Mbit/s, on "
                f"{segment.name} most hosts have {usual} Mbit/s"
            ),
            host=host,
            device=link.name,
            networks=(segment.name,),
            evidence=(
                finding.Evidence(
                    host=host,
                    source=_SOURCE,
                    expected=f"{usual} Mbit/s ({times} other hosts)",
                    observed=f"{link.speed} Mbit/s",
                ),
            ),
            confidence=finding.Confidence.LIKELY,
        )


def _half_duplex(
    segment: segments.Segment, host: str, link: host_model.Link
) -> cause.Cause:
    return cause.Cause(
        entry=catalogue.UNDERLAY_HALF_DUPLEX,
        summary=f"{link.name} of {host} runs with half duplex",
        host=host,
        device=link.name,
        networks=(segment.name,),
        evidence=(
            finding.Evidence(
                host=host,
                source=_SOURCE,
                expected="full duplex",
                observed=f"half duplex, {link.speed} Mbit/s",
            ),
        ),
    )
