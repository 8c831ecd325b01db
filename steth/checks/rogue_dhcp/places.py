# SPDX-License-Identifier: Apache-2.0
"""Where is asked for DHCP servers, and which should answer there."""

from collections.abc import Collection
from collections.abc import Iterable

import msgspec

from steth.checks import base
from steth.checks import domains
from steth.checks import presence as presence_module
from steth.checks.mesh import segments as segments_module
from steth.checks.vlan import ports
from steth.checks.vlan import trunk as trunk_module
from steth.model import finding
from steth.model import vlan_range
from steth.rpc import requests

#: How often each host asks on a place.
ATTEMPTS = 2
#: So many VLANs at once, and so many of Neutron's networks unless they were
#: asked for: each is a broadcast of every host.
_MOST = requests.MAX_DISCOVERS // ATTEMPTS
_MOST_OF_CLOUD = 200


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast domain, with the servers that should answer there.

    ``allowed`` are these, and those of other networks on the same wire;
    ``configured`` says that somebody has said what should be there.
    """

    domain: domains.Domain
    expected: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()
    configured: bool = True

    def expected_by(self, host: str) -> tuple[str, ...]:
        """Return the servers that should answer a host.

        Where racks are routed, one in the subnet of a rack serves that rack.
        A rack without one of its own is served through relays, as all are by
        those that are in no subnet.
        """
        segment = self.domain.segment
        member = segment.member(host) if segment else None
        if segment is None or member is None:
            return self.expected
        own = segment.subnet(member.address)
        subnets = {one: segment.subnet(one) for one in self.expected}
        if own not in subnets.values():
            return self.expected
        return tuple(
            one for one, subnet in subnets.items() if subnet in {own, None}
        )

    def only(self, hosts: Collection[str]) -> "Place":
        """Return it as some of its hosts are there."""
        interfaces = {
            host: interface
            for host, interface in self.domain.interfaces.items()
            if host in hosts
        }
        return msgspec.structs.replace(
            self,
            domain=msgspec.structs.replace(self.domain, interfaces=interfaces),
        )


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """All that is tried; ``segments`` are the hosts' own networks of it.

    ``findings`` tell what keeps hosts from taking part elsewhere, ``doubts``
    what is not tried.
    """

    places: tuple[Place, ...]
    segments: tuple[segments_module.Segment, ...] = ()
    findings: tuple[finding.Finding, ...] = ()
    doubts: tuple[str, ...] = ()

    def asked(self) -> dict[str, tuple[requests.DhcpPlace, ...]]:
        """Return by host on which interfaces and VLANs it asks."""
        vlans: dict[str, dict[str, set[int]]] = {}
        for one in self.places:
            for host, interface in one.domain.interfaces.items():
                vlans.setdefault(host, {}).setdefault(interface, set()).add(
                    one.domain.vlan
                )
        return {
            host: tuple(
                requests.DhcpPlace(
                    interface=interface,
                    vlans=vlan_range.compact(numbers - {0}),
                    untagged=0 in numbers,
                )
                for interface, numbers in sorted(of_host.items())
            )
            for host, of_host in vlans.items()
        }


def find(
    context: base.Context, presence: presence_module.Presence, check: str
) -> Places:
    """Return where to ask, as options and configuration say it.

    :param check: the name that findings bear
    :raises base.UsageError: when an option names what is not there
    """
    options = context.options
    if options.interfaces or options.physical_networks or options.vlans:
        return _on_trunks(context, presence, check)
    known = {one.name: one for one in context.inventory.networks}
    places = [
        Place(
            domain=one,
            expected=known[one.name].dhcp_servers if one.name in known else (),
            configured=one.name in known,
        )
        for one in domains.of_segments(presence, 4)
    ]
    cloud = _of_cloud(context, presence, check)
    return Places(
        places=_allowing([*places, *cloud.places]),
        segments=tuple(one for one in presence.segments if one.family == 4),
        findings=cloud.findings,
        doubts=cloud.doubts,
    )


def _of_cloud(
    context: base.Context, presence: presence_module.Presence, check: str
) -> Places:
    """Return Neutron's networks on the physical ones of the inventory.

    Its own servers may answer there, and are not expected to: they know
    none but the ports of the network.
    """
    if context.provider is None or context.options.networks:
        return Places(places=())
    physical = {one.name: one for one in context.inventory.physical_networks}
    if not physical:
        return Places(places=())
    told = context.provider()
    if told is None:
        return Places(
            places=(), doubts=("Neutron does not say what its networks are",)
        )
    wanted = [one for one in told if one.physical_network in physical]
    used = {one.physical_network for one in wanted}
    able, findings = domains.on_physical(
        presence, [physical[name] for name in sorted(used)], check
    )
    return Places(
        places=tuple(
            Place(
                domain=domains.Domain(
                    name=one.physical_network,
                    vlan=one.vlan,
                    interfaces=able[one.physical_network],
                ),
                allowed=frozenset(
                    (
                        *one.dhcp_servers,
                        *physical[one.physical_network].dhcp_servers,
                    )
                ),
                # Where Neutron serves none, another one may be meant to.
                configured=bool(one.dhcp_servers),
            )
            for one in wanted[:_MOST_OF_CLOUD]
            if able[one.physical_network]
        ),
        findings=tuple(findings),
        doubts=(
            f"only {_MOST_OF_CLOUD} of {len(wanted)} networks of Neutron "
            f"were tried: give --physical-network and --vlans for the others",
        )
        if len(wanted) > _MOST_OF_CLOUD
        else (),
    )


def _on_trunks(
    context: base.Context, presence: presence_module.Presence, check: str
) -> Places:
    options = context.options
    if options.networks:
        raise base.UsageError(
            "--network is about the hosts' own networks: leave it out, or "
            "--interface, --physical-network and --vlans"
        )
    known = trunk_module.completed(options, context.inventory, context.vlans)
    trunks = trunk_module.chosen(
        options, known, [one.host for one in context.fleet.agents]
    )
    most = max((len(one.vlans) for one in trunks), default=0)
    if most > _MOST:
        raise base.UsageError(
            f"{most} VLANs are too many to ask on: give --vlans with at most "
            f"{_MOST} at once"
        )
    if not trunks:
        raise base.UsageError(
            "nothing says which interfaces the VLANs are on: give "
            "--interface, or [inventory] physical_networks in the "
            "configuration"
        )
    expected = {one.name: one.dhcp_servers for one in known.physical_networks}
    places: list[Place] = []
    findings: list[finding.Finding] = []
    for one in trunks:
        usable = ports.look(one, presence.snapshots, check)
        findings += usable.findings
        places += [
            Place(
                domain=domains.Domain(
                    name=one.name, vlan=vlan, interfaces=usable.able
                ),
                expected=expected.get(one.name, ()),
            )
            for vlan in one.vlans or (0,)
        ]
    return Places(places=_allowing(places), findings=tuple(findings))


def _allowing(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return places that allow what is expected on the wires they share."""
    places = list(places)
    allowed: dict[tuple[str, str, int], set[str]] = {}
    for one in places:
        for wire in _wires(one):
            allowed.setdefault(wire, set()).update(one.expected, one.allowed)
    return tuple(
        msgspec.structs.replace(
            one,
            allowed=frozenset().union(*(allowed[x] for x in _wires(one))),
        )
        for one in places
    )


def _wires(place: Place) -> list[tuple[str, str, int]]:
    domain = place.domain
    return [
        (host, interface, domain.vlan)
        for host, interface in domain.interfaces.items()
    ]
