# SPDX-License-Identifier: Apache-2.0
"""Links as rtnetlink tells of them, see linux/if_link.h."""

import struct
from typing import NamedTuple

from steth.agent.inspect import rtnetlink
from steth.model import host as host_model

_IFF_UP = 0x1
_IFF_LOOPBACK = 0x8
_IFF_NOARP = 0x80

_IFLA_ADDRESS = 1
_IFLA_IFNAME = 3
_IFLA_MTU = 4
_IFLA_LINK = 5
_IFLA_MASTER = 10
_IFLA_OPERSTATE = 16
_IFLA_LINKINFO = 18
_IFLA_STATS64 = 23
_IFLA_EXT_MASK = 29
_IFLA_CARRIER = 33
_IFLA_CARRIER_CHANGES = 35
_IFLA_LINK_NETNSID = 37
_IFLA_INFO_KIND = 1
_IFLA_INFO_DATA = 2
_IFLA_VLAN_ID = 1

#: RFC 2863, in the words of sysfs.
_OPER_STATES = (
    "unknown",
    "notpresent",
    "down",
    "lowerlayerdown",
    "testing",
    "dormant",
    "up",
)

#: The first ten of struct rtnl_link_stats64: packets, bytes, errors and
#: dropped, each received and sent, then multicast and collisions.
_STATISTICS = struct.Struct("=10Q")
#: rx_missed_errors, the sixteenth.
_MISSED = struct.Struct("=120xQ")

#: What a dump of the links asks for: no VF lists, which can be long.
REQUEST = rtnetlink.IFINFO.pack(0, 0, 0, 0, 0)
REQUEST_ATTRIBUTES: rtnetlink.Attributes = {
    _IFLA_EXT_MASK: struct.pack("=I", 0)
}


class Device(NamedTuple):
    """What sending over a device needs to know of it.

    ``resolves``: whether the addresses behind it have to be resolved;
    ``address``: its own hardware address, packed.
    """

    mtu: int
    resolves: bool
    address: bytes = b""


def get_request(index: int) -> tuple[bytes, rtnetlink.Attributes]:
    """Return body and attributes that ask for the link of an index."""
    return rtnetlink.IFINFO.pack(0, 0, index, 0, 0), REQUEST_ATTRIBUTES


def device(body: bytes) -> Device:
    """Return what sending has to know of the link that a message is of."""
    _, _, _, flags, _ = rtnetlink.IFINFO.unpack_from(body)
    attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
    return Device(
        mtu=rtnetlink.number(attributes.get(_IFLA_MTU, b"")),
        resolves=not flags & (_IFF_NOARP | _IFF_LOOPBACK),
        address=attributes.get(_IFLA_ADDRESS, b""),
    )


def index_and_name(body: bytes) -> tuple[int, str]:
    """Return the index and the name of the link that a message is of."""
    _, _, index, _, _ = rtnetlink.IFINFO.unpack_from(body)
    attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
    return index, rtnetlink.text(attributes.get(_IFLA_IFNAME, b""))


def decode(body: bytes, names: dict[int, str]) -> host_model.Link:
    """Return the link that a message is of.

    Its speed and duplex are not there: only the driver knows them.

    :param names: the names of the namespace's links by index
    """
    _, _, index, flags, _ = rtnetlink.IFINFO.unpack_from(body)
    attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)

    def value(attribute: int) -> int:
        return rtnetlink.number(attributes.get(attribute, b""))

    up = bool(flags & _IFF_UP)
    state = value(_IFLA_OPERSTATE)
    kind, vlan_id = _kind(attributes.get(_IFLA_LINKINFO, b""))
    parent = None
    # The other end of a veth is not below it, and the index of a device in
    # another namespace means nothing here.
    if kind != "veth" and _IFLA_LINK_NETNSID not in attributes:
        below = value(_IFLA_LINK)
        parent = names.get(below) if below != index else None
    mac = attributes.get(_IFLA_ADDRESS)
    carrier = None
    if up and _IFLA_CARRIER in attributes:
        carrier = bool(value(_IFLA_CARRIER))
    return host_model.Link(
        name=names[index],
        index=index,
        mac=mac.hex(":") if mac else None,
        kind=kind,
        mtu=value(_IFLA_MTU),
        admin_up=up,
        carrier=carrier,
        oper_state=(
            _OPER_STATES[state] if state < len(_OPER_STATES) else "unknown"
        ),
        carrier_changes=value(_IFLA_CARRIER_CHANGES),
        master=names.get(value(_IFLA_MASTER)),
        parent=parent,
        vlan_id=vlan_id,
        loopback=bool(flags & _IFF_LOOPBACK),
        counters=_counters(attributes.get(_IFLA_STATS64, b"")),
    )


def _kind(link_info: bytes) -> tuple[str | None, int | None]:
    attributes = rtnetlink.attributes(link_info)
    if _IFLA_INFO_KIND not in attributes:
        return None, None
    kind = rtnetlink.text(attributes[_IFLA_INFO_KIND])
    vlan_id = None
    if kind == "vlan":
        data = rtnetlink.attributes(attributes.get(_IFLA_INFO_DATA, b""))
        if _IFLA_VLAN_ID in data:
            vlan_id = rtnetlink.number(data[_IFLA_VLAN_ID])
    return kind, vlan_id


def _counters(statistics: bytes) -> host_model.Counters:
    if len(statistics) < _STATISTICS.size:
        return host_model.Counters()
    values = _STATISTICS.unpack_from(statistics)
    missed = 0
    if len(statistics) >= _MISSED.size:
        (missed,) = _MISSED.unpack_from(statistics)
    return host_model.Counters(
        rx_packets=values[0],
        tx_packets=values[1],
        rx_bytes=values[2],
        tx_bytes=values[3],
        rx_errors=values[4],
        tx_errors=values[5],
        rx_dropped=values[6],
        tx_dropped=values[7],
        collisions=values[9],
        rx_missed=missed,
    )
