# SPDX-License-Identifier: Apache-2.0
"""The traffic matrix: what has to work in a healthy cloud."""

from collections.abc import Iterator
import itertools

from steth.lab.cloud import layout
from steth.lab.cloud import roles
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan
from steth.lab.cloud.traffic import cell

_METADATA = "http://169.254.169.254/latest/meta-data/instance-id"

_Instance = inventory_module.Instance


def matrix(
    inventory: inventory_module.Inventory, shape: layout.Shape
) -> list[cell.Cell]:
    """Return all cells for the instances that are switched on.

    ``l2`` is a ping on one network, ``mtu`` one of full size, ``open`` and
    ``blocked`` are ports by the security group, ``routed`` crosses the
    router, ``snat``, ``floating-out`` and ``outside`` go to the server on
    the Internet, which has to see the right address, ``floating-in`` comes
    from there, to a host that has to be the right one. A ``6`` in the name
    is IPv6.
    """
    instances = [x for x in inventory.instances.values() if x.powered]
    found: list[cell.Cell] = []
    for network in inventory.networks.values():
        found += _on_one(
            network, [x for x in instances if x.network == network.name]
        )
    routed = [x for x in instances if inventory.network_of(x).routed]
    for one, other in itertools.combinations(routed, 2):
        if one.network != other.network and one.host != other.host:
            found += _routed(one, other)
    for one in instances:
        found += _alone(one)
        found += _outside(inventory, one, shape)
    return found


def agents(shape: layout.Shape) -> list[cell.Cell]:
    """Return a cell for each of Neutron's agents, named ``agent/host/``."""
    names = [
        (host.name, one.name)
        for host in layout.nodes(shape)
        if (role := roles.of(host, shape))
        for one in role.agents
        if one.is_agent
    ]
    return [
        cell.Cell(
            name=f"agent/{host}/{binary}",
            kind=cell.Kind.AGENT,
            target=f"{host}/{binary}",
            expected="alive",
        )
        for host, binary in names
    ]


def _on_one(
    network: inventory_module.Network, instances: list[_Instance]
) -> Iterator[cell.Cell]:
    """Yield the cells between instances of a network, in a ring."""
    for one, other in _ring(instances):
        way = f"{one.name}/{other.name}"
        yield _ping(f"l2/{way}", one, other.address)
        if one.address6 and other.address6:
            yield _ping(f"l2v6/{way}", one, other.address6)
        yield cell.Cell(
            name=f"mtu/{way}",
            kind=cell.Kind.FULL,
            source=one.name,
            target=other.address,
            size=network.mtu,
        )
        yield _http(f"open/{way}", one, other.address, expected=other.name)
        yield cell.Cell(
            name=f"blocked/{way}",
            kind=cell.Kind.BLOCKED,
            source=one.name,
            target=_url(other.address, plan.BLOCKED_PORT),
        )


def _ring(
    instances: list[_Instance],
) -> Iterator[tuple[_Instance, _Instance]]:
    if len(instances) == 2:
        yield from itertools.permutations(instances, 2)
    elif len(instances) > 2:
        yield from zip(instances, instances[1:] + instances[:1], strict=True)


def _routed(one: _Instance, other: _Instance) -> Iterator[cell.Cell]:
    for source, target in ((one, other), (other, one)):
        way = f"{source.name}/{target.name}"
        yield _http(
            f"routed/{way}", source, target.address, expected=target.name
        )
        if source.address6 and target.address6:
            yield _ping(f"routed6/{way}", source, target.address6)


def _alone(one: _Instance) -> Iterator[cell.Cell]:
    yield cell.Cell(
        name=f"lease/{one.name}",
        kind=cell.Kind.LEASE,
        source=one.name,
        expected=one.address,
    )
    yield cell.Cell(
        name=f"metadata/{one.name}",
        kind=cell.Kind.HTTP,
        source=one.name,
        target=_METADATA,
        expected=one.uuid,
    )
    yield cell.Cell(
        name=f"port/{one.name}",
        kind=cell.Kind.PORT,
        target=one.port,
        expected="ACTIVE, ovs",
    )


def _outside(
    inventory: inventory_module.Inventory,
    one: _Instance,
    shape: layout.Shape,
) -> Iterator[cell.Cell]:
    """Yield the cells to and from the server on the Internet.

    It tells who asks, so that a wrong source address shows.
    """
    network = inventory.network_of(one)
    if one.floating:
        name, seen = "floating-out", one.floating
        yield cell.Cell(
            name=f"floating-in/{one.name}",
            kind=cell.Kind.HTTP,
            source=layout.SERVER,
            target=_url(one.floating),
            expected=one.name,
        )
        yield cell.Cell(
            name=f"floating-ping/{one.name}",
            kind=cell.Kind.PING,
            source=layout.SERVER,
            target=one.floating,
        )
    elif network.routed:
        name, seen = "snat", inventory.external
    else:
        name, seen = "outside", one.address
    yield cell.Cell(
        name=f"{name}/{one.name}",
        kind=cell.Kind.HTTP,
        source=one.name,
        target=plan.ECHO_URL,
        expected=seen,
    )
    if one.address6 and (shape.routes_ipv6_out or not network.routed):
        yield _ping(f"outside6/{one.name}", one, plan.SERVER_ADDRESS6)


def _ping(name: str, source: _Instance, target: str) -> cell.Cell:
    return cell.Cell(
        name=name, kind=cell.Kind.PING, source=source.name, target=target
    )


def _http(
    name: str, source: _Instance, target: str, expected: str
) -> cell.Cell:
    return cell.Cell(
        name=name,
        kind=cell.Kind.HTTP,
        source=source.name,
        target=_url(target),
        expected=expected,
    )


def _url(address: str, port: int = plan.OPEN_PORT) -> str:
    return f"http://{address}:{port}/"
