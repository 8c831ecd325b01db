# SPDX-License-Identifier: Apache-2.0
"""What a fault is."""

import enum

import msgspec


class Place(enum.StrEnum):
    """Where a step is done."""

    HOST = "host"
    SWITCH = "switch"
    #: Every host on the network.
    EVERYWHERE = "everywhere"
    #: Every host of the group that the fault cuts off.
    GROUP = "group"


class Tool(enum.StrEnum):
    """What does it: the script is its input, or the name of an action."""

    IP = "ip"
    NFT = "nft"
    SYSCTL = "sysctl"
    TC = "tc"
    AGENT = "agent"
    BROKER = "broker"
    DELAY = "delay"
    #: A DHCP server on a device: the device, first and last address.
    DHCP = "dhcp"
    #: A shell script with the commands of Open vSwitch.
    OVS = "ovs"


class Scope(enum.StrEnum):
    """What has to be named to say where a fault goes."""

    NETWORK = "network"
    GROUP = "group"
    HOST = "host"
    LAB = "lab"


class Peer(enum.StrEnum):
    """Whether a second host is part of it."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Need(enum.StrEnum):
    """What of a lab's shape a fault cannot do without."""

    AGENTS = "agents"
    BROKER = "broker"
    TRUNK = "trunk"
    GATEWAY = "gateway"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step; ``heal``, in the opposite order, takes ``inject`` back."""

    place: Place
    tool: Tool
    inject: str
    heal: str


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """The number that a fault takes."""

    default: int
    least: int
    most: int
    meaning: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault: what it breaks, and the finding that should name it.

    ``finding`` is ``None`` where a run copes with it and finds nothing;
    ``check`` is the one that finds it.
    """

    name: str
    summary: str
    finding: str | None
    steps: tuple[Step, ...]
    scope: Scope = Scope.NETWORK
    peer: Peer = Peer.NONE
    value: Value | None = None
    need: Need | None = None
    check: str = "connectivity"
