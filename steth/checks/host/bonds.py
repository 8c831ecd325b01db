# SPDX-License-Identifier: Apache-2.0
"""Members of bonds that do not carry their part."""

import collections
from collections.abc import Iterator

from steth.checks import catalogue
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
                            else f"aggregator {usual}, as the others"
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
