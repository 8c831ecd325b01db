# SPDX-License-Identifier: Apache-2.0
"""Broadcast domains: what hosts share on an interface or one of its VLANs."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set
import secrets

import msgspec

from steth.checks import presence as presence_module
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.checks.vlan import ports
from steth.checks.vlan import trunk
from steth.model import finding
from steth.model import host as host_model
from steth.model import inventory
from steth.model import probe
from steth.rpc import contract
from steth.rpc import requests

#: How many others a host pings, and how, to tell whether it is cut off.
_PEERS = 3
_COUNT = 3
_INTERVAL = 0.1
_SECONDS = 1.5
#: In an Ethernet address as text.
_COLONS = 5


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A network as hosts are on it, by their interface.

    ``vlan`` is that of the frames' tag, 0 for none. ``segment`` has the
    hosts' addresses on it, ``None`` where they need have none.
    """

    name: str
    vlan: int = 0
    interfaces: dict[str, str]
    segment: segments.Segment | None = None

    def __str__(self) -> str:
        return f"{self.name} VLAN {self.vlan}" if self.vlan else self.name


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """The device of a host that has a certain hardware address."""

    host: str
    device: str
    netns: str | None = None


def of_segments(
    presence: presence_module.Presence, family: int
) -> list[Domain]:
    """Return a domain for each network that has a segment of that family.

    Between hosts that all are only routed to nothing is broadcast.
    """
    return [
        Domain(
            name=one.network,
            interfaces={
                member.host: member.link.name
                for member in presence.able(one)
                if member.link and is_on_ethernet(member)
            },
            segment=one,
        )
        for one in presence.segments
        if one.family == family
        and (not one.sources or not all(x.routed for x in one.sources))
    ]


def is_on_ethernet(member: segments.Member) -> bool:
    """Tell whether frames of ours can leave by the device of a member.

    Tunnels have no hardware address, or one of another length; there
    nothing is broadcast and nobody is asked for his.
    """
    return (
        not member.routed
        and member.link is not None
        and member.link.mac is not None
        and member.link.mac.count(":") == _COLONS
    )


def on_physical(
    presence: presence_module.Presence,
    known: Iterable[inventory.ExpectedPhysicalNetwork],
    check: str,
) -> tuple[dict[str, dict[str, str]], list[finding.Finding]]:
    """Return the interfaces on physical networks that can be used.

    :param check: the name that findings bear
    :returns: the interface by host, by the network's name; and what ails
        the others
    """
    able: dict[str, dict[str, str]] = {}
    findings: list[finding.Finding] = []
    for one in known:
        usable = ports.look(
            trunk.Trunk(
                name=one.name,
                interfaces=one.interfaces,
                vlans=(),
                hosts=one.hosts,
            ),
            presence.snapshots,
            check,
        )
        able[one.name] = usable.able
        findings += usable.findings
    return able, findings


def cut_off(
    presence: presence_module.Presence, domain: Domain, hosts: Collection[str]
) -> frozenset[str]:
    """Return those of the hosts that reach no other host of a domain.

    Where hosts have no addresses, or there is no other, it cannot be told
    and they are not among them.
    """
    segment = domain.segment
    if segment is None:
        return frozenset()
    asked: dict[str, requests.Request] = {}
    for source in segment.sources:
        # Those who are not in doubt themselves come first.
        peers = sorted(
            (one for one in segment.members if one.host != source.host),
            key=lambda one: (one.host in hosts, one.link is None, one.host),
        )
        if source.host not in hosts or not peers:
            continue
        asked[source.host] = requests.ProbeIcmp(
            targets=tuple(
                requests.IcmpTarget(address=one.address, source=source.address)
                for one in peers[:_PEERS]
            ),
            count=_COUNT,
            interval=_INTERVAL,
            timeout=_SECONDS - 0.5,
            run=secrets.randbits(32) or 1,
        )
    reports: dict[str, probe.IcmpReport] = presence.ask(
        contract.PROBE_ICMP, asked, _SECONDS
    )
    return frozenset(
        host
        for host, one in reports.items()
        if not any(result.received for result in one.results)
    )


def owners(
    presence: presence_module.Presence, macs: Iterable[str]
) -> dict[str, Owner]:
    """Return whose hardware addresses these are, as far as they are ours.

    Where the hosts' own namespaces do not tell, the others are read too.
    """
    wanted = set(macs)
    found = owned(presence.snapshots, wanted)
    if wanted - set(found):
        found = {
            **owned(
                presence.ask(
                    contract.INSPECT_HOST,
                    {
                        host: requests.InspectHost()
                        for host in presence.snapshots
                        if host not in presence.failures
                    },
                    2.0,
                ),
                wanted,
            ),
            **found,
        }
    return found


def holders(
    snapshots: Mapping[str, host_model.HostSnapshot],
) -> dict[str, frozenset[str]]:
    """Return the hosts by the IP addresses that they have."""
    found: dict[str, set[str]] = {}
    for host, snapshot in snapshots.items():
        for one in snapshot.root.addresses:
            found.setdefault(one.address, set()).add(host)
    return {address: frozenset(hosts) for address, hosts in found.items()}


def owned(
    snapshots: Mapping[str, host_model.HostSnapshot], wanted: Set[str]
) -> dict[str, Owner]:
    """Return whose hardware addresses these are, of what is in snapshots."""
    return {
        link.mac: Owner(
            host=host, device=link.name, netns=namespace.name or None
        )
        for host, snapshot in sorted(snapshots.items(), reverse=True)
        for namespace in reversed(snapshot.namespaces)
        # Of a bridge or bond and its port it is the former that answers.
        for link in sorted(namespace.links, key=lambda one: one.master is None)
        if link.mac is not None and link.mac in wanted
    }


def doubt(domain: Domain, hosts: Collection[str]) -> str:
    """Return the words for hosts that are cut off from a domain."""
    return (
        f"{cause.listed(sorted(hosts))} "
        f"{'reaches' if len(hosts) == 1 else 'reach'} no host on {domain}: "
        f"see check connectivity"
    )
