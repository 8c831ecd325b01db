# SPDX-License-Identifier: Apache-2.0
"""Whether each host resolves the hosts' names as the others do.

A deployment may do without names, and DNS may give addresses that no host
has itself. So a host is compared with the others, and with nothing else.
"""

import collections
from collections.abc import Iterator
from collections.abc import Mapping
import ipaddress

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import node as node_model

_SOURCE = "getaddrinfo(3) on the host"


def causes(
    nodes: Mapping[str, node_model.Node], snapshots: segments.Snapshots
) -> Iterator[cause.Cause]:
    """Yield the hosts that do not find the others, or not where they are.

    :param nodes: each with what the names of all of them resolve to there
    """
    own = _addresses(nodes, snapshots)
    for host in sorted(nodes):
        unresolved, wrong = [], []
        for one in nodes[host].names:
            if one.name == nodes[host].hostname and one.error is not None:
                if _resolves_itself(nodes, but=host):
                    unresolved.append(one)
                continue
            # What a host calls itself may lead to itself by any address.
            if one.name == host and any(
                ipaddress.ip_address(address).is_loopback
                for address in one.addresses
            ):
                continue
            if one.name not in own:
                continue
            right = _rightly(one.name, host, nodes, own[one.name])
            if not right:
                continue
            if one.error is not None:
                unresolved.append(one)
            elif not own[one.name] & _reaching(one):
                wrong.append(one)
        for entry, what, names in (
            (catalogue.HOST_NAME_UNRESOLVED, "does not resolve", unresolved),
            (catalogue.HOST_NAME_WRONG, "has wrong addresses for", wrong),
        ):
            if names:
                yield _cause(entry, what, host, names)


def _addresses(
    nodes: Mapping[str, node_model.Node], snapshots: segments.Snapshots
) -> dict[str, set[str]]:
    return {
        host: {one.address for one in snapshots[host].root.addresses}
        for host in nodes
        if host in snapshots
    }


def _resolves_itself(nodes: Mapping[str, node_model.Node], but: str) -> bool:
    """Return whether most of the other hosts resolve their own names."""
    answers = [
        one.error is None
        for host, asked in nodes.items()
        if host != but
        for one in asked.names
        if one.name == asked.hostname
    ]
    return sum(answers) * 2 > len(answers)


def reverse_causes(
    nodes: Mapping[str, node_model.Node], snapshots: segments.Snapshots
) -> Iterator[cause.Cause]:
    """Yield the addresses of hosts that resolve to another host's name.

    A name that no host has is somebody's choice: a name for a network, say.
    Where the name resolves to that address too, and wrongly, it is one entry
    of /etc/hosts, which is told of already.
    """
    own = _addresses(nodes, snapshots)
    owners: dict[str, set[str]] = collections.defaultdict(set)
    for host, addresses in own.items():
        for address in addresses:
            owners[address].add(host)
    bearers: dict[str, set[str]] = collections.defaultdict(set)
    for host, asked in nodes.items():
        for name in (host, asked.hostname):
            bearers[_short(name)].add(host)
    seen_by: dict[tuple[str, str, str], list[str]] = {}
    for host in sorted(nodes):
        for one in nodes[host].reverse:
            having = owners.get(one.address, set())
            called = bearers.get(_short(one.name or ""), set())
            # An address that several hosts have is not judged here.
            if any(
                one.address in name.addresses
                and name.name in called & own.keys()
                and not own[name.name] & _reaching(name)
                and _rightly(name.name, host, nodes, own[name.name])
                for name in nodes[host].names
            ):
                continue
            if len(having) == 1 and called and not having & called:
                key = (one.address, min(having), min(called))
                seen_by.setdefault(key, []).append(host)
    for (address, owner, other), hosts in seen_by.items():
        yield _reversed(address, owner, other, hosts, len(nodes))


def _reversed(
    address: str, owner: str, other: str, hosts: list[str], asked: int
) -> cause.Cause:
    alone = hosts[0] if len(hosts) == 1 and asked > 1 else None
    where = f"on {alone}" if alone else f"on {len(hosts)} of {asked} hosts"
    return cause.Cause(
        entry=catalogue.HOST_NAME_REVERSED,
        summary=(
            f"{where} {address}, an address of {owner}, has the name of "
            f"{other}"
        ),
        host=alone,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source="getnameinfo(3) on the host",
                expected=f"{owner}, or a name that no other host has",
                observed=other,
            )
            for host in hosts[:3]
        ),
    )


def _short(name: str) -> str:
    return name.partition(".")[0].lower()


def _rightly(
    name: str,
    but: str,
    nodes: Mapping[str, node_model.Node],
    own: set[str],
) -> bool:
    """Return whether most of the other hosts find a host by its name."""
    answers = [
        one
        for host, asked in nodes.items()
        if host not in {name, but}
        for one in asked.names
        if one.name == name
    ]
    found = [one for one in answers if own & _reaching(one)]
    return len(found) * 2 > len(answers)


def _reaching(one: node_model.Name) -> set[str]:
    return {
        address
        for address in one.addresses
        if not ipaddress.ip_address(address).is_loopback
    }


def _cause(
    entry: catalogue.Entry,
    what: str,
    host: str,
    names: list[node_model.Name],
) -> cause.Cause:
    listed = cause.listed([one.name for one in names])
    return cause.Cause(
        entry=entry,
        summary=f"{host} {what} {listed}; other hosts do better",
        host=host,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=_SOURCE,
                expected=f"an address of {one.name}",
                observed=one.error or ", ".join(one.addresses),
            )
            for one in names
        ),
    )
