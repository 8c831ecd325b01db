# SPDX-License-Identifier: Apache-2.0
"""What a host is, apart from the state of its network."""

import msgspec


class BondMember(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a bond; ``up`` is what the bond's own monitoring says.

    ``aggregator`` is the number of the LACP group that it is in, ``None``
    where the bond does not speak LACP, as are the others where nothing
    tells: ``partner`` whether the switch's LACP is heard there, ``churned``
    whether the two have not agreed in time (IEEE 802.1AX, churn detection).
    """

    name: str
    up: bool
    failures: int = 0
    aggregator: int | None = None
    partner: bool | None = None
    churned: bool | None = None


class Bond(msgspec.Struct, frozen=True, kw_only=True):
    """A bond of the kernel; ``mode`` in the kernel's words."""

    name: str
    mode: str
    members: tuple[BondMember, ...] = ()


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What a name resolves to; ``error`` where it does not."""

    name: str
    addresses: tuple[str, ...] = ()
    error: str | None = None


class ReverseName(msgspec.Struct, frozen=True, kw_only=True):
    """The name that an address resolves to; ``error`` where it does not."""

    address: str
    name: str | None = None
    error: str | None = None


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A program that an operation of the agent runs."""

    name: str
    operation: str
    installed: bool


class NeutronAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of Neutron that runs on the host.

    ``missing`` are programs that it needs and that are not installed; none
    where it runs in a container, whose programs are its own.
    """

    name: str
    missing: tuple[str, ...] = ()


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Who a host is.

    ``hostname`` is the kernel's. ``machine_id`` and ``boot_id`` are hashes,
    to be compared only: machine-id(5) asks to keep the id itself. ``None``
    where the host has none, or the agent cannot see the host's own.
    ``reverse`` are the names of the addresses in ``names``.
    """

    host: str
    hostname: str
    machine_id: str | None = None
    boot_id: str | None = None
    bonds: tuple[Bond, ...] = ()
    tools: tuple[Tool, ...] = ()
    neutron_agents: tuple[NeutronAgent, ...] = ()
    names: tuple[Name, ...] = ()
    reverse: tuple[ReverseName, ...] = ()
