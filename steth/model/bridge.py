# SPDX-License-Identifier: Apache-2.0
"""The bridges of a host, and what is plugged into them."""

import enum

import msgspec


class BridgeKind(enum.StrEnum):
    """Who forwards."""

    OPEN_VSWITCH = "openvswitch"
    LINUX = "linux"


class VlanMode(enum.StrEnum):
    """What a port does with VLANs, see ovs-vswitchd.conf.db(5)."""

    ACCESS = "access"
    TRUNK = "trunk"
    NATIVE_TAGGED = "native-tagged"
    NATIVE_UNTAGGED = "native-untagged"
    DOT1Q_TUNNEL = "dot1q-tunnel"


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """What carries a port's packets: a device, a patch, or a tunnel.

    ``kind`` is Open vSwitch's type ("system", "internal", "patch", "vxlan"),
    or the kernel's kind of a Linux bridge's port ("system" where it has
    none). ``ofport`` is ``None`` as long as Open vSwitch has not given one,
    -1 where it could not. ``link_up`` is ``None`` where nobody says.
    ``options`` has a tunnel's ``remote_ip`` and a patch's ``peer``,
    ``external_ids`` what Neutron or Nova know the interface by, ``error``
    why Open vSwitch could not set it up.
    """

    name: str
    kind: str = "system"
    ofport: int | None = None
    mac: str | None = None
    mtu: int | None = None
    admin_up: bool | None = None
    link_up: bool | None = None
    options: dict[str, str] = {}
    external_ids: dict[str, str] = {}
    status: dict[str, str] = {}
    error: str | None = None


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a bridge; more than one interface make a bond.

    ``tag`` is the VLAN of packets without a tag, ``trunks`` the VLANs that
    pass with one, as ranges, ``None`` all of them unless the mode is
    "access". ``mode`` is ``None`` on a bridge that takes no notice of VLANs.
    ``state`` is that of the spanning tree on a Linux bridge ("forwarding").
    """

    name: str
    interfaces: tuple[Interface, ...] = ()
    mode: VlanMode | None = None
    tag: int | None = None
    trunks: str | None = None
    state: str | None = None
    bond_mode: str | None = None
    lacp: str | None = None
    external_ids: dict[str, str] = {}
    other_config: dict[str, str] = {}


class Controller(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives an Open vSwitch bridge its flows."""

    target: str
    connected: bool


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge.

    ``vlan_aware`` says whether it tells VLANs apart; Open vSwitch always
    does. ``datapath``, ``fail_mode``, ``protocols`` and ``controllers`` are
    of Open vSwitch only; without a fail mode a bridge is "standalone".
    """

    name: str
    kind: BridgeKind
    ports: tuple[Port, ...] = ()
    stp: bool = False
    vlan_aware: bool = True
    datapath: str | None = None
    datapath_id: str | None = None
    fail_mode: str | None = None
    protocols: tuple[str, ...] = ()
    controllers: tuple[Controller, ...] = ()
    external_ids: dict[str, str] = {}
    other_config: dict[str, str] = {}

    def port(self, name: str) -> Port | None:
        """Return the port of that name, or that has an interface of it."""
        for one in self.ports:
            if one.name == name or name in {i.name for i in one.interfaces}:
                return one
        return None


class OpenVswitch(msgspec.Struct, frozen=True, kw_only=True):
    """The Open vSwitch of a host.

    ``connection`` is where its database was read. ``running`` says whether
    ovs-vswitchd is there: without it, the database tells what should be.
    """

    connection: str
    version: str | None = None
    running: bool
    external_ids: dict[str, str] = {}


class BridgeSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The bridges of a host's own namespace; ``taken_at`` is UTC, ISO 8601.

    ``openvswitch`` is ``None`` where its database was not read, and
    ``reason`` says why. ``truncated`` names the kinds of which only a first
    part is here, because there are more than a snapshot takes.
    """

    host: str
    taken_at: str
    bridges: tuple[Bridge, ...] = ()
    openvswitch: OpenVswitch | None = None
    reason: str | None = None
    truncated: tuple[BridgeKind, ...] = ()

    def bridge(self, name: str) -> Bridge | None:
        """Return the bridge of that name, ``None`` if there is none."""
        return next((one for one in self.bridges if one.name == name), None)
