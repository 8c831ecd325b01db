# SPDX-License-Identifier: Apache-2.0
"""Routes as rtnetlink tells of them, see rtnetlink(7)."""

import socket
import struct

from steth.agent.inspect import rtnetlink
from steth.model import host as host_model

MAIN_TABLE = 254
LOCAL_TABLE = 255

_RTM_F_CLONED = 0x200

_RTA_DST = 1
_RTA_SRC = 2
_RTA_OIF = 4
_RTA_GATEWAY = 5
_RTA_PRIORITY = 6
_RTA_PREFSRC = 7
_RTA_MULTIPATH = 9
_RTA_TABLE = 15
_RTA_VIA = 18

_KINDS = {
    1: "unicast",
    2: "local",
    3: "broadcast",
    4: "anycast",
    5: "multicast",
    6: "blackhole",
    7: "unreachable",
    8: "prohibit",
    9: "throw",
    10: "nat",
}

#: struct rtnexthop: length, flags, hops, index
_NEXT_HOP = struct.Struct("=HBBi")


def dump_request(family: int, table: int) -> bytes:
    """Return the body of a request for the routes of a table (0: all)."""
    return rtnetlink.RTMSG.pack(family, 0, 0, 0, table, 0, 0, 0, 0)


def get_request(
    destination: bytes, source: bytes, device: int
) -> tuple[bytes, rtnetlink.Attributes]:
    """Return body and attributes that ask how a packet would go.

    :param source: empty when the kernel chooses it
    :param device: the index of the device to leave by, 0 for any
    """
    family = socket.AF_INET if len(destination) == 4 else socket.AF_INET6
    body = rtnetlink.RTMSG.pack(
        family, len(destination) * 8, len(source) * 8, 0, 0, 0, 0, 0, 0
    )
    attributes = {_RTA_DST: destination}
    if source:
        attributes[_RTA_SRC] = source
    if device:
        attributes[_RTA_OIF] = struct.pack("=I", device)
    return body, attributes


def table_of(body: bytes) -> int:
    """Return the number of the table that a message's route is in."""
    attributes = rtnetlink.attributes(body, rtnetlink.RTMSG.size)
    if _RTA_TABLE in attributes:
        return rtnetlink.number(attributes[_RTA_TABLE])
    return body[4]


def decode(body: bytes, names: dict[int, str]) -> list[host_model.Route]:
    """Return the routes of a message, one for each next hop.

    A route of another family than IP and an entry of the kernel's route
    cache give none.

    :param names: the names of the namespace's links by index
    """
    family, length, _, _, table, _, _, kind, flags = (
        rtnetlink.RTMSG.unpack_from(body)
    )
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return []
    if flags & _RTM_F_CLONED:
        return []
    attributes = rtnetlink.attributes(body, rtnetlink.RTMSG.size)
    ip = 4 if family == socket.AF_INET else 6
    # The default route's message has no destination.
    nothing = bytes(4 if ip == 4 else 16)
    target = rtnetlink.address(attributes.get(_RTA_DST, nothing))
    metric = attributes.get(_RTA_PRIORITY)
    if _RTA_TABLE in attributes:
        table = rtnetlink.number(attributes[_RTA_TABLE])
    return [
        host_model.Route(
            destination=f"{target}/{length}",
            family=ip,
            kind=_KINDS.get(kind, str(kind)),
            gateway=gateway,
            device=names.get(device, f"if{device}") if device else None,
            source=rtnetlink.address(attributes.get(_RTA_PREFSRC, b"")),
            metric=rtnetlink.number(metric) if metric else None,
            table=table,
        )
        for gateway, device in _next_hops(attributes)
    ]


def next_hop(body: bytes) -> tuple[str, str | None, int]:
    """Return the kind, gateway and device index of a route asked for."""
    kind = rtnetlink.RTMSG.unpack_from(body)[7]
    attributes = rtnetlink.attributes(body, rtnetlink.RTMSG.size)
    gateway, device = _next_hops(attributes)[0]
    return _KINDS.get(kind, str(kind)), gateway, device


def _next_hops(
    attributes: rtnetlink.Attributes,
) -> list[tuple[str | None, int]]:
    several = attributes.get(_RTA_MULTIPATH)
    if not several:
        index = rtnetlink.number(attributes.get(_RTA_OIF, b""))
        return [(_gateway(attributes), index)]
    found = []
    offset = 0
    while offset + _NEXT_HOP.size <= len(several):
        length, _, _, index = _NEXT_HOP.unpack_from(several, offset)
        if length < _NEXT_HOP.size:
            break
        inner = rtnetlink.attributes(
            several[: offset + length], offset + _NEXT_HOP.size
        )
        found.append((_gateway(inner), index))
        offset += (length + 3) & ~3
    return found or [(None, 0)]


def _gateway(attributes: rtnetlink.Attributes) -> str | None:
    if _RTA_GATEWAY in attributes:
        return rtnetlink.address(attributes[_RTA_GATEWAY])
    # An IPv4 route over an IPv6 next hop: its family comes first (RFC 5549).
    return rtnetlink.address(attributes.get(_RTA_VIA, b"")[2:])
