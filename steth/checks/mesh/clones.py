# SPDX-License-Identifier: Apache-2.0
"""Hardware addresses that interfaces of several hosts have."""

import collections
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model
from steth.model import inventory

#: MAC addresses that routers share on purpose (RFC 9568, section 7.3).
_VIRTUAL_ROUTER = ("00:00:5e:00:01:", "00:00:5e:00:02:")


class _Clones(msgspec.Struct, kw_only=True):
    """Devices of several hosts that have one MAC address."""

    mac: str
    devices: set[tuple[str, str]]
    networks: list[str]

    @property
    def hosts(self) -> list[str]:
        return sorted({host for host, _ in self.devices})


def causes(
    checked: Collection[segments.Segment],
    snapshots: segments.Snapshots,
    expected: inventory.Inventory,
) -> Iterator[cause.Cause]:
    """Yield MAC addresses that several hosts of one network have.

    On a physical network the hosts need no addresses. What is sent to one of
    the hosts arrives at the one that was heard last: all that is lost between
    them and the others follows from it.
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
            covers=frozenset(
                pair
                for segment in checked
                if segment.name in one.networks
                for pair in cause.pairs_of(segment, *one.hosts)
            ),
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
