# SPDX-License-Identifier: Apache-2.0
"""All about one network device that ip(8) and ethtool(8) tell.

It is what a snapshot of the host leaves out, since that tells of all devices.
What the driver or the kernel does not tell is ``None`` or empty.
"""

import msgspec

from steth.model import node

#: Properties of one kind of device by iproute2's name for them: numbers,
#: texts (addresses, modes, names of devices), and what is on or off.
Details = dict[str, bool | int | str]


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """What drives the device; ``bus`` is the bus's address of it."""

    name: str
    version: str | None = None
    firmware: str | None = None
    bus: str | None = None


class LinkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the two ends of the cable get on with each other.

    ``speed`` is in Mbit/s, ``duplex`` "full" or "half". The modes are in the
    kernel's words ("25000baseCR/Full", also "Autoneg" and "Pause"): those
    that the device is able to use, those that it offers, and those that the
    other end does.
    """

    speed: int | None = None
    duplex: str | None = None
    port: str | None = None
    autonegotiation: bool | None = None
    supported: tuple[str, ...] = ()
    advertised: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of something, and how many there may be."""

    name: str
    current: int
    maximum: int


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Flow control of Ethernet (IEEE 802.3, annex 31B)."""

    autonegotiation: bool
    receive: bool
    send: bool


class ErrorCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """Forward error correction: what is wanted, and what is at work."""

    configured: tuple[str, ...] = ()
    active: tuple[str, ...] = ()


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """An offload; ``fixed`` says that it cannot be changed."""

    name: str
    active: bool
    fixed: bool = False


class Ethtool(msgspec.Struct, frozen=True, kw_only=True):
    """What the driver tells of itself, as ethtool(8) prints it.

    ``coalescing`` is in microseconds and frames; ``statistics`` are those of
    the driver's own that are not zero.
    """

    driver: Driver | None = None
    settings: LinkSettings | None = None
    error_correction: ErrorCorrection | None = None
    pause: Pause | None = None
    rings: tuple[Size, ...] = ()
    channels: tuple[Size, ...] = ()
    coalescing: dict[str, int] = {}
    features: tuple[Feature, ...] = ()
    statistics: dict[str, int] = {}


class Relative(msgspec.Struct, frozen=True, kw_only=True):
    """A device that another one belongs to.

    Its ``name`` is told where it is in the same network namespace, else the
    name of its namespace, ``netns``: empty for the host's own, ``None`` where
    that has no name.
    """

    index: int
    name: str | None = None
    netns: str | None = None


class VirtualFunction(msgspec.Struct, frozen=True, kw_only=True):
    """One of an SR-IOV device; rates in Mbit/s, zero for no limit."""

    number: int
    mac: str | None = None
    vlan_id: int | None = None
    spoof_check: bool | None = None
    trusted: bool | None = None
    link_state: str | None = None
    minimum_rate: int | None = None
    maximum_rate: int | None = None


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """One network device.

    ``flags`` and ``queueing`` (the root queueing discipline) are in iproute2's
    words. ``promiscuity`` counts those who listen to all packets.
    ``details`` are of what the device is (``kind``), ``port`` of what it is as
    a part of its master. ``peer`` is the other end of a veth, ``parent`` the
    device below another one. ``members`` are told for a bond of the host's
    own network namespace.
    """

    name: str
    index: int
    flags: tuple[str, ...] = ()
    alias: str | None = None
    alternative_names: tuple[str, ...] = ()
    permanent_mac: str | None = None
    minimum_mtu: int | None = None
    maximum_mtu: int | None = None
    queueing: str | None = None
    queue_length: int | None = None
    promiscuity: int = 0
    kind: str | None = None
    details: Details = {}
    port: Details = {}
    peer: Relative | None = None
    parent: Relative | None = None
    virtual_functions: tuple[VirtualFunction, ...] = ()
    members: tuple[node.BondMember, ...] = ()
    ethtool: Ethtool = Ethtool()
