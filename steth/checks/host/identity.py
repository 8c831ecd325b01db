# SPDX-License-Identifier: Apache-2.0
"""What only one host may have and two do: names, machine ids, MACs."""

import collections
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
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


def mac_causes(checked: Iterable[segments.Segment]) -> Iterator[cause.Cause]:
    """Yield MAC addresses that several hosts of one network have."""
    places: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = (
        collections.defaultdict(list)
    )
    for segment in checked:
        holders: dict[str, list[tuple[str, str]]] = collections.defaultdict(
            list
        )
        for member in segment.sources:
            link = member.link
            if (
                link is None
                or member.routed
                or not link.admin_up
                or not _is_own(link.mac)
                or link.mac is None
            ):
                continue
            holders[link.mac].append((member.host, link.name))
        for mac, holding in holders.items():
            if len(holding) > 1:
                places[mac, tuple(holding)].append(segment.name)
    for (mac, found), networks in sorted(places.items()):
        hosts = [host for host, _ in found]
        yield cause.Cause(
            entry=catalogue.UNDERLAY_MAC_DUPLICATE,
            summary=(
                f"{mac} on network {cause.listed(networks)} belongs to "
                f"{len(hosts)} hosts: {cause.listed(hosts)}"
            ),
            networks=tuple(networks),
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source="links (netlink)",
                    expected=f"{mac} on one host only",
                    observed=f"{mac} on {device}",
                )
                for host, device in found
            ),
        )


def _is_own(mac: str | None) -> bool:
    return (
        mac is not None
        and not mac.startswith(_VIRTUAL_ROUTER)
        and any(int(octet, 16) for octet in mac.split(":"))
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
