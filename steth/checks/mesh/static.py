# SPDX-License-Identifier: Apache-2.0
"""What must hold on the hosts before any packet is sent.

For every host that should be on a segment: the interface is there, up, with
carrier, has one address of the segment that nobody else has, with the
segment's prefix length, and the segment's MTU. The first of these that does
not hold is the cause; what follows from it is not told again.
"""

from collections.abc import Mapping
import ipaddress

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import duplicates
from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model

_NOTHING_KNOWN: Mapping[str, lower.Ports] = {}
_LINKS = "links (netlink)"
_ADDRESSES = "addresses (netlink)"


def causes(
    segment: segments.Segment,
    snapshots: segments.Snapshots,
    internal: Mapping[str, lower.Ports] = _NOTHING_KNOWN,
) -> list[cause.Cause]:
    """Return what is wrong on the hosts of a segment.

    :param internal: by host, what its internal ports of Open vSwitch lead to
    """
    if len(segment.absent) > 1 and not segment.members:
        return [_nobody(segment)]
    found = [
        _absent(segment, one, snapshots[one.host]) for one in segment.absent
    ]
    found.extend(duplicates.detected(segment))
    found.extend(duplicates.causes(segment))
    for member in segment.sources:
        first = next(
            (
                broken
                for broken in (
                    _link_up(
                        segment,
                        member,
                        snapshots[member.host],
                        internal.get(member.host, lower.NO_PORTS),
                    ),
                    _right_prefix(segment, member),
                    _full_mtu(segment, member),
                )
                if broken is not None
            ),
            None,
        )
        if first is not None:
            found.append(first)
    return found


def unable(
    segment: segments.Segment, snapshots: segments.Snapshots
) -> list[cause.Cause]:
    """Return why hosts cannot take part in anything on a segment.

    That is what is wrong with their interface, or that they have no address:
    a part of what :func:`causes` returns.
    """
    if len(segment.absent) > 1 and not segment.members:
        return [_nobody(segment)]
    found = [
        _absent(segment, one, snapshots[one.host]) for one in segment.absent
    ]
    able = {one.host for one in segment.sources}
    found.extend(
        one for one in duplicates.detected(segment) if one.host not in able
    )
    broken = (
        _link_up(segment, one, snapshots[one.host]) for one in segment.sources
    )
    return found + [one for one in broken if one is not None]


def _nobody(segment: segments.Segment) -> cause.Cause:
    """Say that it is the description of the network that is wrong."""
    subnets = " or ".join(segment.cidrs)
    hosts = [one.host for one in segment.absent]
    return cause.Cause(
        entry=catalogue.HOST_ADDRESS_MISSING,
        summary=(
            f"no host has an address of network {segment.name}: is the cidr "
            f"in [network:{segment.network}] right?"
        ),
        networks=(segment.name,),
        evidence=(
            finding.Evidence(
                host=None,
                source=_ADDRESSES,
                expected=f"addresses in {subnets}",
                observed=f"none on {cause.listed(hosts)}",
            ),
        ),
        confidence=finding.Confidence.LIKELY,
    )


def _absent(
    segment: segments.Segment,
    absent: segments.Absent,
    snapshot: host_model.HostSnapshot,
) -> cause.Cause:
    """Say why a host that should be on a segment has no address there."""
    sure = (
        finding.Confidence.CERTAIN
        if absent.configured
        else finding.Confidence.LIKELY
    )
    subnets = " or ".join(segment.cidrs)
    if absent.device is not None:
        link = snapshot.root.link(absent.device)
        if link is None:
            there = sorted(
                one.name for one in snapshot.root.links if not one.loopback
            )
            said_by = (
                "the configuration" if absent.configured else "other hosts"
            )
            return cause.Cause(
                entry=catalogue.HOST_INTERFACE_MISSING,
                summary=(
                    f"{absent.host} has no interface {absent.device}, "
                    f"which network {segment.name} is on"
                ),
                host=absent.host,
                device=absent.device,
                networks=(segment.name,),
                evidence=(
                    finding.Evidence(
                        host=absent.host,
                        source=_LINKS,
                        expected=f"interface {absent.device} ({said_by})",
                        observed=(
                            "interfaces: " + (cause.listed(there) or "none")
                        ),
                    ),
                ),
                confidence=sure,
            )
        broken = _broken_link(segment, absent.host, link, snapshot.root)
        if broken is not None and not segment.configured:
            return _supposed(segment, absent, broken)
        if broken is not None:
            return broken
    on_device = [
        f"{one.address}/{one.prefix_length}"
        for one in snapshot.root.addresses
        if absent.device in {None, one.device} and one.family == segment.family
        if not ipaddress.ip_address(one.address).is_loopback
    ]
    place = f"{absent.device} has" if absent.device else "the host has"
    return cause.Cause(
        entry=catalogue.HOST_ADDRESS_MISSING,
        summary=(
            f"{absent.host} has no address of network {segment.name}"
            + (f" on {absent.device}" if absent.device else "")
        ),
        host=absent.host,
        device=absent.device,
        networks=(segment.name,),
        evidence=(
            finding.Evidence(
                host=absent.host,
                source=_ADDRESSES,
                expected=f"an address of its own in {subnets}",
                observed=f"{place} {cause.listed(on_device) or 'none'}",
            ),
            *_without_ipv6(segment, absent.host, snapshot.root),
        ),
    )


def _without_ipv6(
    segment: segments.Segment, host: str, root: host_model.Namespace
) -> tuple[finding.Evidence, ...]:
    """Tell where a setting keeps all IPv6 addresses away."""
    name = "net.ipv6.conf.all.disable_ipv6"
    if segment.family != 6 or root.sysctls.get(name, "0") == "0":
        return ()
    return (
        finding.Evidence(
            host=host,
            source=f"sysctl {name}",
            expected="0",
            observed=root.sysctls[name],
        ),
    )


def _supposed(
    segment: segments.Segment, absent: segments.Absent, broken: cause.Cause
) -> cause.Cause:
    """Tell of a host that only its peers make one expect, and not too much.

    The device may have been unplugged on purpose.
    """
    others = f"{len(segment.sources)} other hosts have {absent.device}"
    return msgspec.structs.replace(
        broken,
        entry=msgspec.structs.replace(
            broken.entry, severity=finding.Severity.WARNING
        ),
        summary=f"{broken.summary} ({others} there)",
        evidence=(
            *broken.evidence,
            finding.Evidence(
                host=absent.host,
                source=_ADDRESSES,
                expected=f"an address in {segment.name} ({others} there)",
                observed=f"none on {absent.device}",
            ),
        ),
        confidence=finding.Confidence.POSSIBLE,
    )


def _link_up(
    segment: segments.Segment,
    member: segments.Member,
    snapshot: host_model.HostSnapshot,
    internal: lower.Ports = lower.NO_PORTS,
) -> cause.Cause | None:
    if member.link is None:
        return None
    return _broken_link(
        segment, member.host, member.link, snapshot.root, internal
    )


def _broken_link(
    segment: segments.Segment,
    host: str,
    link: host_model.Link,
    namespace: host_model.Namespace,
    internal: lower.Ports = lower.NO_PORTS,
) -> cause.Cause | None:
    """Say which device, of those the address stands on, does not work."""
    bottom = _lowest_broken(link, namespace, internal, set())
    if bottom is None:
        return None
    down = not bottom.admin_up
    entry = (
        catalogue.HOST_INTERFACE_DOWN
        if down
        else catalogue.UNDERLAY_NO_CARRIER
    )
    state = "is administratively down" if down else "has no carrier"
    below = "" if bottom.name == link.name else f", which {link.name} needs"
    return cause.Cause(
        entry=entry,
        summary=(
            f"{host} reaches no host on {segment.name}: "
            f"{bottom.name}{below} {state}"
        ),
        host=host,
        device=bottom.name,
        networks=(segment.name,),
        covers=cause.pairs_of(segment, host),
        evidence=(
            finding.Evidence(
                host=host,
                source="link state (netlink)",
                expected=f"{bottom.name} up with carrier",
                observed=(
                    f"{bottom.name} down"
                    if down
                    else f"{bottom.name} up, no carrier "
                    f"({bottom.carrier_changes} carrier changes so far)"
                ),
            ),
        ),
    )


def _lowest_broken(
    link: host_model.Link,
    namespace: host_model.Namespace,
    internal: lower.Ports,
    seen: set[str],
) -> host_model.Link | None:
    """Return the lowest device that explains that ``link`` does not work.

    A VLAN goes down with its parent, a bond or bridge with the last of its
    ports; an internal port of Open vSwitch has carrier for ever, and is as
    good as the NICs that it leads to.

    :param seen: the devices that were looked at on the way
    """
    seen.add(link.name)
    if not link.admin_up:
        return link
    below = [
        _lowest_broken(one, namespace, internal, seen)
        # A NIC explains more than a tap that waits for its instance.
        for one in sorted(
            lower.directly(link, namespace, internal),
            key=lambda one: (one.kind is not None, one.name),
        )
        if one.name not in seen
    ]
    broken = next((one for one in below if one is not None), None)
    if link.carrier is False:
        return broken or link
    return broken if None not in below else None


def _right_prefix(
    segment: segments.Segment,
    member: segments.Member,
) -> cause.Cause | None:
    if member.prefix_length is None or member.link is None:
        return None
    address = ipaddress.ip_interface(
        f"{member.address}/{member.prefix_length}"
    )
    fitting = [
        subnet
        for subnet in map(ipaddress.ip_network, segment.cidrs)
        if subnet.version == address.version and address.ip in subnet
    ]
    if not fitting or any(
        subnet.prefixlen == member.prefix_length for subnet in fitting
    ):
        return None
    if segment.configured and member.prefix_length == address.max_prefixlen:
        # Routes lead to such a host (BGP to the host, many clouds), whatever
        # the addresses have in common.
        return None
    said_by = "the configuration" if segment.configured else "other hosts"
    right = fitting[0].prefixlen
    return cause.Cause(
        entry=catalogue.HOST_WRONG_PREFIX,
        summary=(
            f"{member.host} has {address} on {member.link.name}, but "
            f"network {segment.name} is {fitting[0]}"
        ),
        host=member.host,
        device=member.link.name,
        networks=(segment.name,),
        covers=cause.pairs_of(segment, member.host),
        evidence=(
            finding.Evidence(
                host=member.host,
                source=_ADDRESSES,
                expected=f"{member.address}/{right} ({said_by})",
                observed=str(address),
            ),
        ),
        confidence=(
            finding.Confidence.CERTAIN
            if segment.configured
            else finding.Confidence.LIKELY
        ),
    )


def _full_mtu(
    segment: segments.Segment,
    member: segments.Member,
) -> cause.Cause | None:
    link = member.link
    if link is None or member.routed or link.mtu >= segment.mtu:
        return None
    said_by = "the configuration" if segment.mtu_configured else "other hosts"
    return cause.Cause(
        entry=catalogue.HOST_MTU_SMALL,
        summary=(
            f"{member.host} takes packets of {link.mtu} bytes at most on "
            f"{link.name}, network {segment.name} needs {segment.mtu}"
        ),
        host=member.host,
        device=link.name,
        networks=(segment.name,),
        covers=cause.pairs_of(segment, member.host),
        full_size_only=True,
        evidence=(
            finding.Evidence(
                host=member.host,
                source=_LINKS,
                expected=f"MTU {segment.mtu} ({said_by})",
                observed=f"MTU {link.mtu}",
            ),
        ),
    )
