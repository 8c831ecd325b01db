# SPDX-License-Identifier: Apache-2.0
"""Members of bonds that do not carry their part."""

import collections
from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.host import roles as roles_module
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import node


def causes(host: str, bonds: tuple[node.Bond, ...]) -> Iterator[cause.Cause]:
    """Yield the members that are down, or in another LACP group.

    A bond without any member that is up has no carrier; where a network is
    on it, that is told of the network.
    """
    for bond in bonds:
        if not any(one.up for one in bond.members):
            continue
        if all(one.partner is False for one in bond.members if one.up):
            yield _without_partner(host, bond)
            continue
        grouped = collections.Counter(
            one.aggregator for one in bond.members if one.up
        )
        usual, _ = grouped.most_common(1)[0]
        for member in bond.members:
            if not member.up:
                state = "down"
                observed = f"down ({member.failures} failures so far)"
            elif member.aggregator != usual:
                state = "in an LACP group of its own"
                observed = f"aggregator {member.aggregator}"
                if member.partner is False:
                    observed += ", no LACP heard from the switch port"
            elif member.partner is False:
                state = "without LACP of its switch port"
                observed = "no LACP heard from the switch port"
            elif member.churned:
                state = "not agreed with its switch port by LACP"
                observed = "churned"
            else:
                continue
            yield cause.Cause(
                entry=catalogue.UNDERLAY_BOND_DEGRADED,
                summary=(
                    f"{member.name} of {host}, a member of {bond.name}, "
                    f"is {state}"
                ),
                host=host,
                device=member.name,
                evidence=(
                    finding.Evidence(
                        host=host,
                        source=f"/proc/net/bonding/{bond.name}",
                        expected=(
                            "up"
                            if not member.up
                            else f"in aggregator {usual}, as the others, "
                            f"and agreed with its partner"
                        ),
                        observed=observed,
                    ),
                ),
                # Two switches that do not form one are two groups on purpose.
                confidence=(
                    finding.Confidence.LIKELY
                    if member.up
                    else finding.Confidence.CERTAIN
                ),
            )


def _without_partner(host: str, bond: node.Bond) -> cause.Cause:
    return cause.Cause(
        entry=catalogue.UNDERLAY_BOND_DEGRADED,
        summary=(
            f"{bond.name} of {host} hears no LACP: one of its members at "
            f"most carries anything"
        ),
        host=host,
        device=bond.name,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=f"LACP state of {one.name} (sysfs)",
                expected="LACP heard from the switch port",
                observed="none",
            )
            for one in bond.members
            if one.up
        ),
    )


def missing_members(
    nodes: Mapping[str, node.Node], roles: roles_module.Roles
) -> Iterator[cause.Cause]:
    """Yield bonds that have fewer members than those of most peers.

    They are compared by their name.
    """
    counts: dict[str, dict[str, int]] = {}
    for host in sorted(nodes):
        for bond in nodes[host].bonds:
            counts.setdefault(bond.name, {})[host] = len(bond.members)
    for name, of_hosts in sorted(counts.items()):
        for short in roles_module.short(of_hosts, roles):
            count = of_hosts[short.host]
            yield cause.Cause(
                entry=catalogue.UNDERLAY_BOND_DEGRADED,
                summary=(
                    f"{name} of {short.host} has {count} of the {short.usual} "
                    f"members that it has on most hosts of its kind"
                ),
                host=short.host,
                device=name,
                evidence=(
                    finding.Evidence(
                        host=short.host,
                        source=f"/proc/net/bonding/{name}",
                        expected=(
                            f"{short.usual} members ({short.times} other "
                            f"hosts)"
                        ),
                        observed=f"{count} members",
                    ),
                ),
                confidence=finding.Confidence.LIKELY,
            )
