# SPDX-License-Identifier: Apache-2.0
"""Which hosts are, or should be, on which node-level network.

A segment is one network in one IP version. Networks come from the inventory;
with none there, from the hosts' own addresses, grouped by subnet.
"""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import functools
import ipaddress

import msgspec

from steth.checks.mesh import addresses
from steth.model import host as host_model
from steth.model import inventory

#: With fewer members, and fewer for each host that lost its address, nothing
#: tells what a device's name means.
_FEWEST = 3
_FOR_EACH_LOST = 3
#: A driver may begin by telling that there is no carrier yet: one change.
_PLUGGED_AND_UNPLUGGED = 2


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A host with its address on a segment.

    ``link`` is the device that holds the address. A host whose agent is
    silent has neither ``link`` nor ``prefix_length``: it can only be a
    target. ``others`` are its further addresses on the segment, as far as
    they are on devices that are up and lead to other hosts.
    """

    host: str
    address: str
    prefix_length: int | None = None
    link: host_model.Link | None = None
    others: tuple[str, ...] = ()

    @property
    def answers_for_itself(self) -> bool:
        """Whether its agent answers, so that it can be a source."""
        return self.link is not None

    @property
    def routed(self) -> bool:
        """Whether the device only holds the address, and no packet leaves it.

        Routes lead to such a host: those that it announces itself by BGP.
        """
        return self.link is not None and (
            self.link.loopback or self.link.kind == "dummy"
        )


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """A host that should be on a segment and has no address there.

    ``device`` is where the address should be, ``None`` if nothing tells;
    ``configured`` says that the configuration named that device. On a
    segment that is not configured, the other hosts alone make one expect it.
    """

    host: str
    device: str | None
    configured: bool


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a host's that the host gave up for another machine's."""

    host: str
    address: str
    device: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A network in one IP version, with who is on it.

    ``mtu`` is what must pass, in bytes: the configured one, else
    (``mtu_configured`` false) what most members have.
    """

    name: str
    network: str
    family: int
    cidrs: tuple[str, ...]
    configured: bool
    mtu: int
    mtu_configured: bool
    members: tuple[Member, ...]
    absent: tuple[Absent, ...] = ()
    claimed: tuple[Claimed, ...] = ()

    def member(self, host: str) -> Member | None:
        """Return a host's membership, ``None`` if it has none."""
        return next((one for one in self.members if one.host == host), None)

    def device(self, host: str) -> str | None:
        """Return the name of a host's device on the segment, if known."""
        member = self.member(host)
        return member.link.name if member and member.link else None

    def subnet(self, address: str) -> str | None:
        """Return which of ``cidrs`` an address lies in, the narrowest.

        Hosts in different ones, racks say, reach each other through routers:
        they share neither broadcasts nor multicast of the link.
        """
        parsed = ipaddress.ip_address(address)
        fitting = [one for one in _parsed(self.cidrs) if parsed in one]
        if not fitting:
            return None
        return str(max(fitting, key=lambda one: one.prefixlen))

    @property
    def sources(self) -> tuple[Member, ...]:
        """The members that can send."""
        return tuple(one for one in self.members if one.answers_for_itself)


Snapshots = Mapping[str, host_model.HostSnapshot]


def build(
    snapshots: Snapshots,
    expected: inventory.Inventory,
    silent: Mapping[str, str | None],
) -> tuple[Segment, ...]:
    """Return the segments to check.

    :param snapshots: by host, of the agents that answered
    :param silent: the expected hosts that did not, with their address if it
        is known: where it lies in a segment they are pinged all the same
    """
    if expected.networks:
        own = addresses.own(
            {host: one.root for host, one in snapshots.items()}
        )
        segments: Iterable[Segment] = (
            segment
            for network in expected.networks
            for segment in _configured(network, snapshots, own)
        )
    else:
        segments = _discovered(snapshots)
    return tuple(_with_silent(one, silent) for one in segments)


def _configured(
    network: inventory.ExpectedNetwork,
    snapshots: Snapshots,
    own: Mapping[str, Sequence[host_model.Address]],
) -> Iterator[Segment]:
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
                member := _member(
                    host, snapshots[host].root, own[host], of_family
                )
            )
        ]
        claimed = tuple(_claimed(wanted, snapshots, of_family))
        present = {one.host for one in members}
        present |= {one.host for one in claimed}
        usual = _usual_device(members)
        absent = []
        for host in wanted:
            if host in present:
                continue
            device = network.interfaces.get(host, network.interfaces.get("*"))
            absent.append(
                Absent(
                    host=host,
                    device=device or usual,
                    configured=device is not None,
                )
            )
        yield Segment(
            name=name,
            network=network.name,
            family=family,
            cidrs=tuple(str(one) for one in of_family),
            configured=True,
            mtu=network.mtu or _usual_mtu(members),
            mtu_configured=network.mtu is not None,
            members=tuple(members),
            absent=tuple(absent),
            claimed=claimed,
        )


def _discovered(snapshots: Snapshots) -> Iterator[Segment]:
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
                member := _member(
                    host,
                    snapshots[host].root,
                    addresses.outward(snapshots[host].root),
                    [subnet],
                )
            )
        ]
        claimed = tuple(_claimed(sorted(snapshots), snapshots, [subnet]))
        if len({one.address for one in members}) < 2 and not claimed:
            # One host alone; or the same address everywhere, as on the
            # bridge that libvirt or Docker makes on each host for itself.
            continue
        yield Segment(
            name=str(subnet),
            network=str(subnet),
            family=subnet.version,
            cidrs=(str(subnet),),
            configured=False,
            mtu=_usual_mtu(members),
            mtu_configured=False,
            members=tuple(members),
            absent=tuple(_unplugged(members, snapshots)),
            claimed=claimed,
        )


def _unplugged(
    members: Sequence[Member], snapshots: Snapshots
) -> Iterator[Absent]:
    """Yield the hosts that most likely lost their address with the carrier.

    Some network daemons (systemd-networkd) take a device's addresses away
    when its carrier is gone: then nothing is left but that the device had
    carrier, and that all other hosts with a device of its name have it on
    this network. A spare NIC never had carrier.
    """
    usual = _usual_device(members)
    if usual is None or any(x.link and x.link.name != usual for x in members):
        return
    present = {one.host for one in members}
    lost = []
    for host in sorted(snapshots.keys() - present):
        root = snapshots[host].root
        link = root.link(usual)
        if link is None:
            continue
        if not _has_lost_carrier(link) or any(
            one.device == usual and one.scope == "global"
            for one in root.addresses
        ):
            # The name means nothing here: others use it for another thing.
            return
        lost.append(host)
    if len(members) >= max(_FEWEST, _FOR_EACH_LOST * len(lost)):
        for host in lost:
            yield Absent(host=host, device=usual, configured=False)


def _has_lost_carrier(link: host_model.Link) -> bool:
    """Tell whether a device that should work had carrier and has none."""
    return (
        link.admin_up
        and link.carrier is False
        and link.carrier_changes >= _PLUGGED_AND_UNPLUGGED
        and link.master is None
    )


def _misplaced(few: Mapping[str, str], many: Mapping[str, str]) -> bool:
    devices = set(many.values())
    return len(few) <= len(many) and all(
        host not in many and device in devices for host, device in few.items()
    )


def _with_silent(
    segment: Segment, silent: Mapping[str, str | None]
) -> Segment:
    present = {one.host for one in segment.members}
    subnets = [ipaddress.ip_network(one) for one in segment.cidrs]
    added = [
        Member(host=host, address=address)
        for host, address in sorted(silent.items())
        if host not in present
        and address is not None
        and addresses.lies_in(address, subnets)
    ]
    return msgspec.structs.replace(
        segment, members=segment.members + tuple(added)
    )


@functools.cache
def _parsed(cidrs: tuple[str, ...]) -> tuple[addresses.IpNetwork, ...]:
    return tuple(ipaddress.ip_network(one) for one in cidrs)


def _member(
    host: str,
    namespace: host_model.Namespace,
    having: Iterable[host_model.Address],
    subnets: Sequence[addresses.IpNetwork],
) -> Member | None:
    """Return the host's place in the subnets, its main address first.

    :param having: the addresses that may be the host's there
    """
    found = [one for one in having if addresses.lies_in(one.address, subnets)]
    if not found:
        return None
    found.sort(key=lambda one: addresses.rank(one, namespace, subnets))
    main = found[0]
    return Member(
        host=host,
        address=main.address,
        prefix_length=main.prefix_length,
        link=namespace.link(main.device),
        others=tuple(
            one.address
            for one in found[1:]
            if _is_announced(namespace.link(one.device), namespace)
        ),
    )


def _claimed(
    hosts: Iterable[str],
    snapshots: Snapshots,
    subnets: Sequence[addresses.IpNetwork],
) -> Iterator[Claimed]:
    """Yield the addresses in the subnets that hosts gave up."""
    for host in hosts:
        for one in addresses.claimed(snapshots[host].root):
            if addresses.lies_in(one.address, subnets):
                yield Claimed(
                    host=host, address=one.address, device=one.device
                )


def _is_announced(
    link: host_model.Link | None, namespace: host_model.Namespace
) -> bool:
    """Tell whether other hosts can get to know of a device's addresses."""
    return (
        link is not None
        and link.admin_up
        and addresses.leads_out(link, namespace)
    )


def _usual_device(members: Sequence[Member]) -> str | None:
    counted = collections.Counter(one.link.name for one in members if one.link)
    if not counted:
        return None
    device, times = counted.most_common(1)[0]
    return device if times * 2 > len(members) else None


def _usual_mtu(members: Sequence[Member]) -> int:
    counted = collections.Counter(
        one.link.mtu for one in members if one.link and not one.routed
    )
    if not counted:
        return 1500
    return max(counted, key=lambda mtu: (counted[mtu], mtu))
