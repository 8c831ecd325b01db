# SPDX-License-Identifier: Apache-2.0
"""Speed and duplex of what a network stands on, against its peers.

Many drivers of virtual machines tell no speed: they are not judged.
"""

from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.host import roles as roles_module
from steth.checks.mesh import cause
from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model

_SOURCE = "link settings (ethtool)"


def causes(
    segment: segments.Segment,
    snapshots: segments.Snapshots,
    roles: roles_module.Roles,
    internal: Mapping[str, lower.Ports],
) -> Iterator[cause.Cause]:
    """Yield links with half duplex, and hosts slower than most of their kind.

    A kind of machine is told by its role and the names of its NICs.

    :param internal: by host, what its internal ports lead to
    """
    slowest: dict[str, host_model.Link] = {}
    kinds: dict[str, object] = {}
    for member in segment.sources:
        if member.link is None:
            continue
        below = lower.lowest(
            member.link,
            snapshots[member.host].root,
            internal.get(member.host, lower.NO_PORTS),
        )
        links = [one for one in below if one.carrier and one.speed]
        for link in links:
            if link.duplex == "half":
                yield _half_duplex(segment, member.host, link)
        if links:
            slowest[member.host] = min(links, key=lambda one: one.speed or 0)
        if member.host in roles:
            kinds[member.host] = (
                roles[member.host],
                tuple(one.name for one in below),
            )
    yield from _slow(segment, slowest, kinds)


def _slow(
    segment: segments.Segment,
    slowest: Mapping[str, host_model.Link],
    kinds: Mapping[str, object],
) -> Iterator[cause.Cause]:
    speeds = {host: one.speed or 0 for host, one in slowest.items()}
    for short in roles_module.short(speeds, kinds):
        host, link = short.host, slowest[short.host]
        yield cause.Cause(
            entry=catalogue.UNDERLAY_SPEED_LOW,
            summary=(
                f"{link.name} of {host} runs at {link.speed} Mbit/s, on "
                f"{segment.name} most hosts of its kind have {short.usual} "
                f"Mbit/s"
            ),
            host=host,
            device=link.name,
            networks=(segment.name,),
            evidence=(
                finding.Evidence(
                    host=host,
                    source=_SOURCE,
                    expected=(
                        f"{short.usual} Mbit/s ({short.times} other hosts)"
                    ),
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
