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

#: Whom a host's packets were for, and the devices that they left by.
_Lost = tuple[segments.Member, frozenset[str]]


def causes(
    segment: segments.Segment, second: matrix.Matrix
) -> Iterator[cause.Cause]:
    """Return the hosts whose packets take another device, and are lost.

    What arrives all the same is nobody's trouble, unless it is too long for
    the other device.

    :param second: the watched round
    """
    strayed: dict[tuple[str, bool], list[_Lost]] = {}
    for pair, size, result in second.of_segment(segment.name):
        source, target = (
            segment.member(pair.source),
            segment.member(pair.target),
        )
        report = second.reports.get(pair.source)
        too_long = result.received > 0 and _is_refused(
            second.results.get((pair, plan.Size.FULL))
        )
        if (
            size is not plan.Size.SMALL
            or (result.received and not too_long)
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
            strayed.setdefault((pair.source, too_long), []).append(
                (target, devices)
            )
    for (host, too_long), lost in sorted(strayed.items()):
        yield _cause(segment, host, lost, full_size_only=too_long)


def _is_refused(result: probe.IcmpResult | None) -> bool:
    """Tell whether packets are too long for the sender's own device."""
    return (
        result is not None
        and not result.received
        and result.failure is probe.FailureKind.TOO_BIG
        and result.reported_by is None
    )


def _is_on_link(source: segments.Member, target: segments.Member) -> bool:
    """Tell whether a host's own address says that it needs no router."""
    if source.prefix_length is None or source.routed or target.routed:
        return False
    own = ipaddress.ip_interface(f"{source.address}/{source.prefix_length}")
    return ipaddress.ip_address(target.address) in own.network


def _cause(
    segment: segments.Segment,
    host: str,
    lost: list[_Lost],
    *,
    full_size_only: bool,
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
            + (
                f": {segment.mtu} bytes are too many there"
                if full_size_only
                else ""
            )
        ),
        host=host,
        device=device,
        networks=(segment.name,),
        covers=cause.both_ways(
            cause.Pair(segment.name, host, target.host) for target, _ in lost
        ),
        full_size_only=full_size_only,
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
