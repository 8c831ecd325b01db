# SPDX-License-Identifier: Apache-2.0
"""Packets for a neighbour that a host sends out of another device.

A route or a rule that somebody added leads them there. They leave the host
and do not arrive, or by a way on which a reverse path filter drops them or
their answers: the network that they should have taken is not to blame.
"""

from collections.abc import Iterator
import ipaddress

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import probe


def causes(
    segment: segments.Segment, second: matrix.Matrix
) -> Iterator[cause.Cause]:
    """Return the hosts whose packets take another device, and are lost.

    What arrives all the same is nobody's trouble.

    :param second: the watched round
    """
    strayed: dict[str, list[tuple[segments.Member, frozenset[str]]]] = {}
    for pair, size, result in second.of_segment(segment.name):
        source, target = (
            segment.member(pair.source),
            segment.member(pair.target),
        )
        report = second.reports.get(pair.source)
        if (
            size is not plan.Size.SMALL
            or result.received
            or source is None
            or source.link is None
            or target is None
            or not _is_on_link(source, target)
            or report is None
            or report.lost_by_watch
        ):
            continue
        devices = frozenset(
            one.device
            for one in report.sightings
            if one.outgoing
            and one.kind is probe.PacketKind.REQUEST
            and one.source == source.address
            and one.destination == target.address
        )
        # A packet that leaves by a device which stands on others, or which
        # belongs to another (a bond, a VRF), is seen on each of them.
        if devices and source.link.name not in devices:
            strayed.setdefault(pair.source, []).append((target, devices))
    for host, lost in sorted(strayed.items()):
        yield _cause(segment, host, lost)


def _is_on_link(source: segments.Member, target: segments.Member) -> bool:
    """Tell whether a host's own address says that it needs no router."""
    if source.prefix_length is None or source.routed or target.routed:
        return False
    own = ipaddress.ip_interface(f"{source.address}/{source.prefix_length}")
    return ipaddress.ip_address(target.address) in own.network


def _cause(
    segment: segments.Segment,
    host: str,
    lost: list[tuple[segments.Member, frozenset[str]]],
) -> cause.Cause:
    device = segment.device(host)
    others = sorted({name for _, devices in lost for name in devices})
    everybody = len(lost) == len(segment.members) - 1
    peers = cause.listed([target.host for target, _ in lost])
    whom = "" if everybody else f"{peers} on "
    return cause.Cause(
        entry=catalogue.HOST_WRONG_ROUTE,
        summary=(
            f"{host} sends what is for {whom}network {segment.name} out of "
            f"{cause.listed(others)}, not of {device}"
        ),
        host=host,
        device=device,
        networks=(segment.name,),
        covers=cause.both_ways(
            cause.Pair(segment.name, host, target.host) for target, _ in lost
        ),
        evidence=tuple(
            finding.Evidence(
                host=host,
                source="devices that echo requests were seen to leave by",
                expected=f"requests to {target.address} leave by {device}",
                observed=f"they leave by {', '.join(sorted(devices))}",
            )
            for target, devices in lost[:3]
        ),
    )
