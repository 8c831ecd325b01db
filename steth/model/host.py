# SPDX-License-Identifier: Apache-2.0
"""What one agent saw on its host at one time."""

import msgspec


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of a link since it was made, in packets (``*_bytes``: bytes).

    They are those of ``rtnl_link_stats64``, see linux/if_link.h.
    """

    rx_packets: int = 0
    tx_packets: int = 0
    rx_bytes: int = 0
    tx_bytes: int = 0
    rx_errors: int = 0
    tx_errors: int = 0
    rx_dropped: int = 0
    tx_dropped: int = 0
    collisions: int = 0
    rx_missed: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A network device.

    ``speed`` is in Mbit/s; ``None`` where the driver does not say, as with
    ``duplex`` ("full" or "half"). ``carrier`` is ``None`` where the kernel
    does not say because the link is administratively down. ``kind`` is the
    kernel's name for a virtual link ("bond", "bridge", "veth", "vlan"),
    ``None`` for a physical one. ``master`` is the bond or bridge that it is
    a port of, ``parent`` the device below it (of a VLAN, say).
    """

    name: str
    index: int
    mac: str | None = None
    kind: str | None = None
    mtu: int
    admin_up: bool
    carrier: bool | None = None
    oper_state: str = "unknown"
    carrier_changes: int = 0
    speed: int | None = None
    duplex: str | None = None
    master: str | None = None
    parent: str | None = None
    vlan_id: int | None = None
    loopback: bool = False
    counters: Counters = Counters()


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a device; ``flags`` in iproute2's words.

    ``valid`` and ``preferred`` are the seconds that are left of it; ``None``
    where it is so for ever, or the agent does not tell.
    """

    address: str
    prefix_length: int
    family: int
    device: str
    scope: str = "global"
    flags: tuple[str, ...] = ()
    valid: int | None = None
    preferred: int | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A route; ``destination`` in CIDR form (``0.0.0.0/0`` the default)."""

    destination: str
    family: int
    kind: str = "unicast"
    gateway: str | None = None
    device: str | None = None
    source: str | None = None
    metric: int | None = None
    table: int = 254


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the neighbour table; ``state`` in iproute2's words."""

    address: str
    family: int
    device: str
    mac: str | None = None
    state: str


class Namespace(msgspec.Struct, frozen=True, kw_only=True):
    """One network namespace; ``name`` is empty for the host's own.

    ``error`` says why it could not be read; the lists are empty then.
    ``truncated`` names the lists that hold only a first part, because there
    is more than a snapshot takes.
    """

    name: str = ""
    links: tuple[Link, ...] = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    sysctls: dict[str, str] = {}
    truncated: tuple[str, ...] = ()
    error: str | None = None

    def link(self, name: str) -> Link | None:
        """Return the link of that name, ``None`` if there is none."""
        return next((one for one in self.links if one.name == name), None)


class HostSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The network state of a host; ``taken_at`` is UTC in ISO 8601."""

    host: str
    taken_at: str
    namespaces: tuple[Namespace, ...]

    @property
    def root(self) -> Namespace:
        """The host's own network namespace."""
        return next(
            (one for one in self.namespaces if not one.name), Namespace()
        )
