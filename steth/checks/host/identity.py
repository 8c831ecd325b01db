# SPDX-License-Identifier: Apache-2.0
"""What only one host may have and two do: names and machine ids."""

import collections
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import node


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
