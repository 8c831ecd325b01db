# SPDX-License-Identifier: Apache-2.0
"""Kernel tables that are nearly full, and settings that a role needs.

The role is read from the namespaces and bridges that Neutron's agents make:
what is there shows what a setting breaks.
"""

from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import host as host_model
from steth.model import node

#: The share from which on a table is nearly full.
_NEARLY_FULL = 0.9

_COUNT = "net.netfilter.nf_conntrack_count"
_MAX = "net.netfilter.nf_conntrack_max"
_NEIGHBOURS = {
    4: "net.ipv4.neigh.default.gc_thresh3",
    6: "net.ipv6.neigh.default.gc_thresh3",
}
_FORWARD = "net.ipv4.ip_forward"
_BRIDGED = "net.bridge.bridge-nf-call-iptables"
#: What Neutron's L3 agent calls the namespaces of a router: all forward.
_ROUTERS = ("qrouter-", "snat-", "fip-")
#: What os-vif calls the bridge and Nova the device of an instance, where the
#: iptables_hybrid firewall filters between the two.
_HYBRID, _TAP = "qbr", "tap"


def causes(
    snapshot: host_model.HostSnapshot, peers: Mapping[int, int]
) -> Iterator[cause.Cause]:
    """Yield what is nearly full, and settings that break what is there.

    :param peers: how many other hosts are on the host's networks, by IP
        version
    """
    for namespace in snapshot.namespaces:
        full = _conntrack(snapshot, namespace)
        if full is not None:
            yield full
        if (
            namespace.name.startswith(_ROUTERS)
            and namespace.sysctls.get(_FORWARD) == "0"
        ):
            yield cause.Cause(
                entry=catalogue.HOST_FORWARDING_OFF,
                summary=(
                    f"the router in {namespace.name} on {snapshot.host} "
                    f"forwards nothing"
                ),
                host=snapshot.host,
                netns=namespace.name,
                evidence=(
                    finding.Evidence(
                        host=snapshot.host,
                        source=f"sysctl {_FORWARD} in {namespace.name}",
                        expected="1",
                        observed="0",
                    ),
                ),
            )
    for version in _NEIGHBOURS:
        full = _neighbours(snapshot, version, peers.get(version, 0))
        if full is not None:
            yield full
    yield from _unfiltered(snapshot)


def unread(snapshot: host_model.HostSnapshot) -> list[str]:
    """Return the settings that the host's role needs and nobody could read.

    In a container they may be out of sight.
    """
    hybrid = _hybrid_bridges(snapshot.root)
    return [_BRIDGED] if hybrid and not snapshot.root.sysctls else []


def _unfiltered(snapshot: host_model.HostSnapshot) -> Iterator[cause.Cause]:
    """Yield that security groups do not hold on an instance's bridge."""
    value = snapshot.root.sysctls.get(_BRIDGED)
    bridges = _hybrid_bridges(snapshot.root)
    if not bridges or value == "1" or not snapshot.root.sysctls:
        return
    yield cause.Cause(
        entry=catalogue.HOST_BRIDGE_NETFILTER_OFF,
        summary=(
            f"security groups do not hold on {snapshot.host}: iptables is "
            f"not shown what passes the bridges of {len(bridges)} instances"
        ),
        host=snapshot.host,
        affects=(f"bridges {cause.listed(bridges)}",),
        evidence=(
            finding.Evidence(
                host=snapshot.host,
                source=f"sysctl {_BRIDGED}",
                expected="1",
                observed=value or "none: br_netfilter is not loaded",
            ),
        ),
    )


def _hybrid_bridges(root: host_model.Namespace) -> list[str]:
    """Return the hybrid firewall's bridges that an instance is on."""
    return sorted(
        {
            one.master
            for one in root.links
            if one.name.startswith(_TAP)
            and one.master is not None
            and one.master.startswith(_HYBRID)
        }
    )


def tool_causes(host: str, tools: tuple[node.Tool, ...]) -> list[cause.Cause]:
    """Return the programs that operations of the agent lack."""
    return [
        cause.Cause(
            entry=catalogue.AGENT_TOOL_MISSING,
            summary=(
                f"{one.name} is not installed on {host}: its agent cannot "
                f"do {one.operation}"
            ),
            host=host,
            evidence=(
                finding.Evidence(
                    host=host,
                    source="programs on the agent's path",
                    expected=one.name,
                    observed="none",
                ),
            ),
        )
        for one in tools
        if not one.installed
    ]


def program_causes(
    host: str, agents: tuple[node.NeutronAgent, ...]
) -> Iterator[cause.Cause]:
    """Yield the programs that Neutron's agents on a host lack."""
    lacking: dict[str, list[str]] = {}
    for agent in agents:
        for program in agent.missing:
            lacking.setdefault(program, []).append(agent.name)
    for program, names in sorted(lacking.items()):
        yield cause.Cause(
            entry=catalogue.HOST_PROGRAM_MISSING,
            summary=(
                f"{program} is not installed on {host}, and "
                f"{' and '.join(names)} on it needs it"
            ),
            host=host,
            evidence=(
                finding.Evidence(
                    host=host,
                    source="programs where rootwrap looks for them",
                    expected=program,
                    observed="none",
                ),
            ),
            confidence=finding.Confidence.LIKELY,
        )


def _conntrack(
    snapshot: host_model.HostSnapshot, namespace: host_model.Namespace
) -> cause.Cause | None:
    used = _number(namespace, _COUNT)
    # In some kernels the bound is the host's own namespace's alone.
    most = _number(namespace, _MAX) or _number(snapshot.root, _MAX)
    if used is None or not most or used < most * _NEARLY_FULL:
        return None
    place = f" in {namespace.name}" if namespace.name else ""
    return cause.Cause(
        entry=catalogue.HOST_CONNTRACK_FULL,
        summary=(
            f"the connection tracking table of {snapshot.host}{place} is "
            f"{100 * used / most:.0f} % full"
        ),
        host=snapshot.host,
        netns=namespace.name or None,
        evidence=(
            finding.Evidence(
                host=snapshot.host,
                source=f"sysctl {_COUNT}{place}",
                expected=f"less than {_NEARLY_FULL:.0%} of {most}",
                observed=str(used),
            ),
        ),
    )


def _neighbours(
    snapshot: host_model.HostSnapshot, version: int, peers: int
) -> cause.Cause | None:
    """Compare with the bound; one table serves all namespaces."""
    name = _NEIGHBOURS[version]
    most = _number(snapshot.root, name)
    used = sum(
        one.family == version and one.state != "permanent"
        for namespace in snapshot.namespaces
        for one in namespace.neighbours
    )
    if not most or max(used, peers) < most * _NEARLY_FULL:
        return None
    summary = (
        f"the neighbour table of {snapshot.host} is "
        f"{100 * used / most:.0f} % full"
    )
    source = f"IPv{version} neighbours of all namespaces (netlink)"
    if used < peers:
        summary = (
            f"the neighbour table of {snapshot.host} has room for {most} "
            f"entries, and {peers} hosts are on its networks"
        )
        source = f"hosts on the IPv{version} networks of {snapshot.host}"
    return cause.Cause(
        entry=catalogue.HOST_NEIGHBOURS_FULL,
        summary=summary,
        host=snapshot.host,
        evidence=(
            finding.Evidence(
                host=snapshot.host,
                source=source,
                expected=f"less than {_NEARLY_FULL:.0%} of {most} ({name})",
                observed=str(max(used, peers)),
            ),
        ),
    )


def _number(namespace: host_model.Namespace, name: str) -> int | None:
    text = namespace.sysctls.get(name, "")
    return int(text) if text.isdecimal() else None
