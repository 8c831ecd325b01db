# SPDX-License-Identifier: Apache-2.0
"""Which hosts are alike, so that what they have can be compared.

A controller may have slower NICs or fewer of them than a compute node, by
intent. What tells of a host's role is the networks that it is on and the
agents of Neutron that run on it.
"""

import collections
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

import msgspec

from steth.checks.mesh import segments
from steth.model import inventory
from steth.model import node

#: With fewer hosts of a kind nothing tells what is meant.
_FEWEST = 3
#: More with less than one of so many hosts are taken for a kind of machine
#: of its own, not for faults.
_OF_SO_MANY = 10


class Role(msgspec.Struct, frozen=True):
    """What a host is there for, as far as it shows."""

    networks: frozenset[str]
    physical_networks: frozenset[str]
    agents: frozenset[str]


class Short(msgspec.Struct, frozen=True, kw_only=True):
    """A host with less of something than its peers: most have ``usual``.

    ``times`` says how many they are.
    """

    host: str
    usual: int
    times: int


Roles = Mapping[str, Role]


def of(
    nodes: Mapping[str, node.Node],
    checked: Collection[segments.Segment],
    expected: inventory.Inventory,
) -> dict[str, Role]:
    """Return the roles of the hosts, by host."""
    return {
        host: Role(
            frozenset(one.name for one in checked if one.member(host)),
            frozenset(
                one.name
                for one in expected.physical_networks
                if one.interface(host) is not None
            ),
            frozenset(agent.name for agent in known.neutron_agents),
        )
        for host, known in nodes.items()
    }


def short(
    values: Mapping[str, int], roles: Mapping[str, object]
) -> Iterator[Short]:
    """Yield the hosts that have less than most of their peers.

    :param values: what is compared, by host
    :param roles: only hosts with the same are compared, and those that are
        not in it with nobody
    """
    peers: dict[object, list[str]] = collections.defaultdict(list)
    for host in sorted(values.keys() & roles.keys()):
        peers[roles[host]].append(host)
    for alike in peers.values():
        yield from _of_peers({host: values[host] for host in alike})


def _of_peers(values: Mapping[str, int]) -> Iterator[Short]:
    usual, times = collections.Counter(values.values()).most_common(1)[0]
    less = [host for host, value in values.items() if value < usual]
    if (
        len(values) >= _FEWEST
        and times * 2 > len(values)
        and len(less) <= max(1, len(values) // _OF_SO_MANY)
    ):
        for host in less:
            yield Short(host=host, usual=usual, times=times)
