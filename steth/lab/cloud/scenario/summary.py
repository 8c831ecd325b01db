# SPDX-License-Identifier: Apache-2.0
"""The scenario as a person reads it."""

from collections.abc import Iterator
from collections.abc import Sequence

from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yield the lines of a table."""
    widths = [
        max(len(row[column]) for row in (header, *rows))
        for column in range(len(header))
    ]
    for row in (header, *rows):
        cells = (x.ljust(y) for x, y in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def instances(
    inventory: inventory_module.Inventory, running: Sequence[str]
) -> Iterator[str]:
    """Yield the lines that tell the instances.

    :param running: the names of those that run
    """
    rows = [
        (
            one.name,
            one.host,
            one.network,
            one.address,
            one.address6 or "-",
            one.floating or "-",
            _state(one, one.name in running),
        )
        for one in inventory.instances.values()
    ]
    header = (
        *("instance", "compute", "network", "address", "IPv6"),
        *("floating IP", "state"),
    )
    yield from table(header, rows)


def _state(one: inventory_module.Instance, runs: bool) -> str:
    if one.powered:
        return "running" if runs else "missing"
    return "running, but off" if runs else "off"


def scenario(
    inventory: inventory_module.Inventory, running: Sequence[str]
) -> Iterator[str]:
    """Yield the lines that tell all of the scenario."""
    planned = {one.name: one for one in plan.NETWORKS}
    rows = []
    for one in inventory.networks.values():
        way = (
            f"{plan.ROUTER}"
            if one.routed
            else "outside"
            if planned[one.name].external
            else "its own gateway"
        )
        segment = "-" if one.segment is None else str(one.segment)
        cidrs = ", ".join(x.cidr for x in planned[one.name].subnets)
        rows.append((one.name, one.kind, segment, str(one.mtu), cidrs, way))
    header = ("network", "type", "segment", "MTU", "subnets", "way out")
    yield from table(header, rows)
    yield ""
    yield from instances(inventory, running)
    yield ""
    yield (
        f"{plan.ROUTER} goes out as {inventory.external}; on the Internet is "
        f"{plan.SERVER_ADDRESS}, which tells who asks on port "
        f"{plan.ECHO_PORT}"
    )
    yield (
        f"security group {plan.SECURITY_GROUP}: ping and TCP port "
        f"{plan.OPEN_PORT} in, everything out; port {plan.BLOCKED_PORT} is "
        f"served, and blocked"
    )
