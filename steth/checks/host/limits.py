# SPDX-License-Identifier: Apache-2.0
"""Kernel tables that are nearly full, and settings that a role needs.

The role is read from the namespaces that Neutron's agents make.
"""

from collections.abc import Iterator

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import host as host_model
from steth.model import node

#: The share from which on a table is nearly full.
_NEARLY_FULL = 0.9

_COUNT = "net.netfilter.nf_conntrack_count"
_MAX = "net.netfilter.nf_conntrack_max"
_NEIGHBOURS = "net.ipv4.neigh.default.gc_thresh3"
_FORWARD = "net.ipv4.ip_forward"
#: What Neutron's L3 agent calls the namespace of a router.
_ROUTER = "qrouter-"


def causes(snapshot: host_model.HostSnapshot) -> Iterator[cause.Cause]:
    """Yield what is nearly full, and routers that do not forward."""
    for namespace in snapshot.namespaces:
        full = _conntrack(snapshot, namespace)
        if full is not None:
            yield full
        if (
            namespace.name.startswith(_ROUTER)
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
    full = _neighbours(snapshot)
    if full is not None:
        yield full


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


def _neighbours(snapshot: host_model.HostSnapshot) -> cause.Cause | None:
    """Compare with the bound; one table serves all namespaces."""
    most = _number(snapshot.root, _NEIGHBOURS)
    used = sum(
        one.family == 4 and one.state != "permanent"
        for namespace in snapshot.namespaces
        for one in namespace.neighbours
    )
    if not most or used < most * _NEARLY_FULL:
        return None
    return cause.Cause(
        entry=catalogue.HOST_NEIGHBOURS_FULL,
        summary=(
            f"the neighbour table of {snapshot.host} is "
            f"{100 * used / most:.0f} % full"
        ),
        host=snapshot.host,
        evidence=(
            finding.Evidence(
                host=snapshot.host,
                source="IPv4 neighbours of all namespaces (netlink)",
                expected=f"less than {_NEARLY_FULL:.0%} of {most} "
                f"({_NEIGHBOURS})",
                observed=str(used),
            ),
        ),
    )


def _number(namespace: host_model.Namespace, name: str) -> int | None:
    text = namespace.sysctls.get(name, "")
    return int(text) if text.isdecimal() else None
