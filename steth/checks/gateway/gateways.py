# SPDX-License-Identifier: Apache-2.0
"""Which gateways there are, and who should reach them by which interface.

A network's gateways are those of the configuration; where it has none, those
of the hosts' own default routes. Those of Neutron's external networks are
asked for on the physical network's NIC, by nobody: there are no addresses.
"""

from collections.abc import Collection
import ipaddress

import msgspec

from steth.checks import base
from steth.checks import domains
from steth.checks import presence as presence_module
from steth.checks.mesh import segments as segments_module
from steth.model import finding
from steth.rpc import requests

_DEFAULT = frozenset({"0.0.0.0/0", "::/0"})


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway, and the hosts that should reach it.

    ``known_from`` says who named it: "configuration", "routes" or "neutron".
    ``sources`` has, by host, the address that it asks from; a host that is
    not in it asks from none.
    """

    address: str
    domain: domains.Domain
    known_from: str
    sources: dict[str, str] = {}

    def question(self, host: str) -> requests.Neighbour:
        """Return what a host asks to reach it."""
        return requests.Neighbour(
            interface=self.domain.interfaces[host],
            vlan=self.domain.vlan,
            address=self.address,
            source=self.sources.get(host),
        )


def of_networks(
    context: base.Context, presence: presence_module.Presence
) -> list[Gateway]:
    """Return the gateways of the hosts' own networks."""
    configured = {one.name: one.gateways for one in context.inventory.networks}
    found: list[Gateway] = []
    for segment in presence.segments:
        given = [
            one
            for one in configured.get(segment.network, ())
            if ipaddress.ip_address(one).version == segment.family
        ]
        if given:
            for one in given:
                found += _configured(presence, segment, one)
        else:
            found += _routed(presence, segment)
    return found


class External(msgspec.Struct, frozen=True, kw_only=True):
    """The gateways of Neutron's external networks.

    ``findings`` tell what keeps hosts from asking, ``doubts`` what is not
    known.
    """

    gateways: tuple[Gateway, ...] = ()
    findings: tuple[finding.Finding, ...] = ()
    doubts: tuple[str, ...] = ()


def of_cloud(
    context: base.Context, presence: presence_module.Presence, check: str
) -> External:
    """Return the gateways of external networks; none without a cloud.

    :param check: the name that findings bear
    """
    if context.provider is None or context.options.networks:
        return External()
    told = context.provider()
    if told is None:
        return External(
            doubts=("Neutron does not say what its external networks are",)
        )
    external = [one for one in told if one.external and one.gateways]
    known = {one.name: one for one in context.inventory.physical_networks}
    wanted = {one.physical_network for one in external}
    able, findings = domains.on_physical(
        presence, [known[name] for name in sorted(wanted & set(known))], check
    )
    unknown = sorted(wanted - set(known))
    return External(
        gateways=tuple(
            Gateway(
                address=address,
                known_from="neutron",
                domain=domains.Domain(
                    name=one.physical_network,
                    vlan=one.vlan,
                    interfaces=able[one.physical_network],
                ),
            )
            for one in external
            if able.get(one.physical_network)
            for address in one.gateways
        ),
        findings=tuple(findings),
        doubts=(
            f"nothing says which NIC is on {', '.join(unknown)}, where "
            f"Neutron has external networks: see [inventory] "
            f"physical_networks",
        )
        if unknown
        else (),
    )


def _configured(
    presence: presence_module.Presence,
    segment: segments_module.Segment,
    address: str,
) -> list[Gateway]:
    """Return a gateway with the hosts of its subnet.

    Those of another rack's subnet do not reach it directly.
    """
    link_local = ipaddress.ip_address(address).is_link_local
    subnet = segment.subnet(address)
    return _by_zone(
        presence,
        segment,
        address,
        "configuration",
        [
            one
            for one in segment.sources
            if link_local or segment.subnet(one.address) == subnet
        ],
    )


def _routed(
    presence: presence_module.Presence, segment: segments_module.Segment
) -> list[Gateway]:
    """Return the gateways of the members' default routes on a segment."""
    users: dict[str, list[segments_module.Member]] = {}
    for member in segment.sources:
        root = presence.snapshots[member.host].root
        for route in root.routes:
            if (
                route.destination in _DEFAULT
                and route.family == segment.family
                and route.kind == "unicast"
                and route.gateway is not None
                and member.link is not None
                and route.device == member.link.name
            ):
                of_gateway = users.setdefault(route.gateway, [])
                if member not in of_gateway:
                    of_gateway.append(member)
    return [
        gateway
        for address, of_gateway in sorted(users.items())
        for gateway in _by_zone(
            presence, segment, address, "routes", of_gateway
        )
    ]


def _by_zone(
    presence: presence_module.Presence,
    segment: segments_module.Segment,
    address: str,
    known_from: str,
    members: Collection[segments_module.Member],
) -> list[Gateway]:
    """Return who has an address: one gateway, or one for each subnet.

    A link-local address is another machine's on each link (RFC 4007, 6):
    fe80::1 may be the gateway of every rack.
    """
    zones: dict[str | None, list[segments_module.Member]] = {}
    if ipaddress.ip_address(address).is_link_local:
        for member in members:
            zones.setdefault(segment.subnet(member.address), []).append(member)
    if len(zones) < 2:
        return [
            _gateway(
                presence, segment, segment.name, address, known_from, members
            )
        ]
    return [
        _gateway(
            presence,
            segment,
            f"{segment.name} {zone}",
            address,
            known_from,
            of_zone,
        )
        for zone, of_zone in zones.items()
    ]


def _gateway(
    presence: presence_module.Presence,
    segment: segments_module.Segment,
    name: str,
    address: str,
    known_from: str,
    members: Collection[segments_module.Member],
) -> Gateway:
    """Return a gateway with those of the members that can ask for it.

    :param name: of the network, or of a part of it
    """
    members = [
        one
        for one in presence.able(segment)
        if one in members and domains.is_on_ethernet(one)
    ]
    return Gateway(
        address=address,
        known_from=known_from,
        domain=domains.Domain(
            name=name,
            interfaces={
                one.host: one.link.name for one in members if one.link
            },
            segment=segment,
        ),
        sources={one.host: one.address for one in members},
    )
