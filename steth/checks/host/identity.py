# SPDX-License-Identifier: Apache-2.0
"""What only one host may have and two do: names, machine ids, MACs."""

import collections
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model
from steth.model import inventory
from steth.model import node

#: MAC addresses that routers share on purpose (RFC 9568, section 7.3).
_VIRTUAL_ROUTER = ("00:00:5e:00:01:", "00:00:5e:00:02:")


def causes(nodes: Mapping[str, node.Node]) -> Iterator[cause.Cause]:
    """Yield names and machine ids that several hosts have."""
    for name, hosts in _shared(nodes, lambda one: one.hostname):
        yield cause.Cause(
            entry=catalogue.HOST_NAME_DUPLICATE,
            summary=(
                f"{len(hosts)} hosts call themselves {name}: "
                f"{cause.listed(hosts)}"
            ),
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source="host name of the kernel",
                    expected="a name that no other host has",
                    observed=name,
                )
                for host in hosts
            ),
        )
    for _, hosts in _shared(nodes, lambda one: one.machine_id):
        if len({nodes[host].boot_id for host in hosts}) < len(hosts):
            # Several agents on one kernel, as in containers, are no clones.
            continue
        yield cause.Cause(
            entry=catalogue.HOST_MACHINE_ID_DUPLICATE,
            summary=(
                f"{len(hosts)} hosts have the same machine id: "
                f"{cause.listed(hosts)}"
            ),
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source="/etc/machine-id",
                    expected="an id that no other host has",
                    observed=f"the same as on {cause.listed(others)}",
                )
                for host in hosts
                if (others := [one for one in hosts if one != host])
            ),
        )


class _Clones(msgspec.Struct, kw_only=True):
    """Devices of several hosts that have one MAC address."""

    mac: str
    devices: set[tuple[str, str]]
    networks: list[str]

    @property
    def hosts(self) -> list[str]:
        return sorted({host for host, _ in self.devices})


def mac_causes(
    checked: Iterable[segments.Segment],
    snapshots: segments.Snapshots,
    expected: inventory.Inventory,
) -> Iterator[cause.Cause]:
    """Yield MAC addresses that several hosts of one network have.

    On a physical network the hosts need no addresses.
    """
    found: list[_Clones] = []
    for name, links in (
        *((one.name, _on_segment(one)) for one in checked),
        *(
            (one.name, _on_trunk(one, snapshots))
            for one in expected.physical_networks
        ),
    ):
        for clones in _clones(name, links):
            # A NIC and the VLANs on it have the same address: one fault.
            known = next(
                (
                    one
                    for one in found
                    if one.mac == clones.mac
                    and len({*one.hosts} & {*clones.hosts}) > 1
                ),
                None,
            )
            if known is None:
                found.append(clones)
            else:
                known.devices |= clones.devices
                known.networks.append(name)
    for one in sorted(found, key=lambda one: (one.mac, one.hosts)):
        yield cause.Cause(
            entry=catalogue.UNDERLAY_MAC_DUPLICATE,
            summary=(
                f"{one.mac} on network {cause.listed(one.networks)} belongs "
                f"to {len(one.hosts)} hosts: {cause.listed(one.hosts)}"
            ),
            networks=tuple(one.networks),
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source="links (netlink)",
                    expected=f"{one.mac} on one host only",
                    observed=f"{one.mac} on {device}",
                )
                for host, device in sorted(one.devices)
            ),
        )


_Links = Mapping[str, host_model.Link]


def _on_segment(segment: segments.Segment) -> _Links:
    return {
        one.host: one.link
        for one in segment.sources
        if one.link is not None and not one.routed
    }


def _on_trunk(
    trunk: inventory.ExpectedPhysicalNetwork, snapshots: segments.Snapshots
) -> _Links:
    return {
        host: link
        for host, snapshot in snapshots.items()
        if (name := trunk.interface(host))
        and (link := snapshot.root.link(name))
    }


def _clones(network: str, links: _Links) -> Iterator[_Clones]:
    """Yield the MAC addresses that several hosts have on a network."""
    holders: dict[str, set[tuple[str, str]]] = collections.defaultdict(set)
    for host, link in links.items():
        if link.admin_up and link.mac is not None and _is_own(link.mac):
            holders[link.mac].add((host, link.name))
    for mac, devices in holders.items():
        if len(devices) > 1:
            yield _Clones(mac=mac, devices=devices, networks=[network])


def _is_own(mac: str) -> bool:
    return not mac.startswith(_VIRTUAL_ROUTER) and any(
        int(octet, 16) for octet in mac.split(":")
    )


def _shared(
    nodes: Mapping[str, node.Node],
    value: Callable[[node.Node], str | None],
) -> Iterator[tuple[str, list[str]]]:
    """Yield each value that several hosts have, with the hosts."""
    holders: dict[str, list[str]] = collections.defaultdict(list)
    for host in sorted(nodes):
        found = value(nodes[host])
        if found:
            holders[found].append(host)
    for found, hosts in sorted(holders.items()):
        if len(hosts) > 1:
            yield found, hosts
