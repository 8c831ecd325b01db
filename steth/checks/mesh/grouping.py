# SPDX-License-Identifier: Apache-2.0
"""Finding the segments that are to be checked.

Networks come from the inventory; with none there, from the hosts' own
addresses, grouped by subnet.
"""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import ipaddress

import msgspec

from steth.checks.mesh import addresses
from steth.checks.mesh import membership
from steth.checks.mesh import segments
from steth.model import host as host_model
from steth.model import inventory


def build(
    snapshots: segments.Snapshots,
    expected: inventory.Inventory,
    silent: Mapping[str, str | None],
) -> tuple[segments.Segment, ...]:
    """Return the segments to check.

    :param snapshots: by host, of the agents that answered
    :param silent: the expected hosts that did not, with their address if it
        is known: where it lies in a segment they are pinged all the same
    """
    if expected.networks:
        own = addresses.own(
            {host: one.root for host, one in snapshots.items()}
        )
        found: Iterable[segments.Segment] = (
            segment
            for network in expected.networks
            for segment in _configured(network, snapshots, own)
        )
    else:
        found = _discovered(snapshots)
    return tuple(_with_silent(one, silent) for one in found)


def _configured(
    network: inventory.ExpectedNetwork,
    snapshots: segments.Snapshots,
    own: Mapping[str, Sequence[host_model.Address]],
) -> Iterator[segments.Segment]:
    subnets: dict[int, list[addresses.IpNetwork]] = collections.defaultdict(
        list
    )
    for cidr in network.cidrs:
        subnet = ipaddress.ip_network(cidr)
        subnets[subnet.version].append(subnet)
    for family, of_family in sorted(subnets.items()):
        name = network.name
        if len(subnets) > 1:
            name = f"{network.name} IPv{family}"
        wanted = [
            host
            for host in sorted(snapshots)
            if not network.hosts or host in network.hosts
        ]
        members = [
            member
            for host in wanted
            if (
                member := membership.member(
                    host, snapshots[host].root, own[host], of_family
                )
            )
        ]
        claimed = tuple(membership.claimed(wanted, snapshots, of_family))
        present = {one.host for one in members}
        present |= {one.host for one in claimed}
        usual = membership.usual_device(members)
        absent = []
        for host in wanted:
            if host in present:
                continue
            device = network.interfaces.get(host, network.interfaces.get("*"))
            absent.append(
                segments.Absent(
                    host=host,
                    device=device or usual,
                    configured=device is not None,
                )
            )
        yield segments.Segment(
            name=name,
            network=network.name,
            family=family,
            cidrs=tuple(str(one) for one in of_family),
            configured=True,
            mtu=network.mtu or membership.usual_mtu(members),
            mtu_configured=network.mtu is not None,
            members=tuple(members),
            absent=tuple(absent),
            claimed=claimed,
        )


def _discovered(snapshots: segments.Snapshots) -> Iterator[segments.Segment]:
    """Group the hosts' addresses by subnet.

    A host whose subnet overlaps a larger group's, on a device of the same
    name, belongs to that group with a wrong prefix: ``static`` says so.
    """
    groups: dict[addresses.IpNetwork, dict[str, str]] = (
        collections.defaultdict(dict)
    )
    for host, snapshot in sorted(snapshots.items()):
        for address in addresses.outward(snapshot.root):
            subnet = addresses.interface(address).network
            groups[subnet].setdefault(host, address.device)
    ordered = sorted(
        groups, key=lambda one: (-len(groups[one]), one.version, str(one))
    )
    taken: set[addresses.IpNetwork] = set()
    for subnet in ordered:
        if subnet in taken:
            continue
        taken.add(subnet)
        hosts = dict(groups[subnet])
        for other in ordered:
            if other in taken or other.version != subnet.version:
                continue
            if other.overlaps(subnet) and _misplaced(groups[other], hosts):
                taken.add(other)
                hosts.update(groups[other])
        members = [
            member
            for host in sorted(hosts)
            if (
                member := membership.member(
                    host,
                    snapshots[host].root,
                    addresses.outward(snapshots[host].root),
                    [subnet],
                )
            )
        ]
        claimed = tuple(
            membership.claimed(sorted(snapshots), snapshots, [subnet])
        )
        if len({one.address for one in members}) < 2 and not claimed:
            # One host alone; or the same address everywhere, as on the
            # bridge that libvirt or Docker makes on each host for itself.
            continue
        yield segments.Segment(
            name=str(subnet),
            network=str(subnet),
            family=subnet.version,
            cidrs=(str(subnet),),
            configured=False,
            mtu=membership.usual_mtu(members),
            mtu_configured=False,
            members=tuple(members),
            absent=tuple(membership.unplugged(members, snapshots)),
            claimed=claimed,
        )


def _misplaced(few: Mapping[str, str], many: Mapping[str, str]) -> bool:
    devices = set(many.values())
    return len(few) <= len(many) and all(
        host not in many and device in devices for host, device in few.items()
    )


def _with_silent(
    segment: segments.Segment, silent: Mapping[str, str | None]
) -> segments.Segment:
    present = {one.host for one in segment.members}
    subnets = [ipaddress.ip_network(one) for one in segment.cidrs]
    added = [
        segments.Member(host=host, address=address)
        for host, address in sorted(silent.items())
        if host not in present
        and address is not None
        and addresses.lies_in(address, subnets)
    ]
    return msgspec.structs.replace(
        segment, members=segment.members + tuple(added)
    )
