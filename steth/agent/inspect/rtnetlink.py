# SPDX-License-Identifier: Apache-2.0
"""The form of rtnetlink messages, without any I/O.

Netlink is read here, not through pyroute2, because that library holds a
whole dump before it hands out the first message: 1,000 routes of a table of
200,000 cost 15 s and 780 MB. A snapshot has to stop early instead. See
netlink(7), rtnetlink(7) and linux/rtnetlink.h.
"""

from collections.abc import Iterator
import socket
import struct

NLMSG_ERROR = 2
NLMSG_DONE = 3

NLM_F_REQUEST = 0x1
NLM_F_ACK = 0x4
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
#: NLM_F_ROOT | NLM_F_MATCH
NLM_F_DUMP = 0x300
#: In a reply: what was dumped changed meanwhile.
NLM_F_DUMP_INTR = 0x10

RTM_NEWLINK = 16
RTM_DELLINK = 17
RTM_GETLINK = 18
RTM_NEWADDR = 20
RTM_GETADDR = 22
RTM_NEWROUTE = 24
RTM_GETROUTE = 26
RTM_NEWNEIGH = 28
RTM_GETNEIGH = 30
RTM_GETNEIGHTBL = 66
RTM_GETNSID = 90

#: struct nlmsghdr: length, type, flags, sequence number, port
_HEADER = struct.Struct("=IHHII")
#: struct nlattr: length, type
_ATTRIBUTE = struct.Struct("=HH")
#: The type of an attribute without NLA_F_NESTED and NLA_F_NET_BYTEORDER.
_TYPE_MASK = 0x3FFF

#: struct ifinfomsg: family, device type, index, flags, change mask
IFINFO = struct.Struct("=BxHiII")
#: struct ifaddrmsg: family, prefix length, flags, scope, index
IFADDR = struct.Struct("=BBBBI")
#: struct rtmsg: family, destination length, source length, TOS, table,
#: protocol, scope, type, flags
RTMSG = struct.Struct("=BBBBBBBBI")
#: struct ndtmsg: family
NDTMSG = struct.Struct("=Bxxx")
#: struct ndmsg: family, index, state, flags, type
NDMSG = struct.Struct("=BxxxiHBB")

Attribute = tuple[int, bytes]
Attributes = dict[int, bytes]


def request(
    kind: int,
    flags: int,
    sequence: int,
    body: bytes,
    attributes: Attributes | None = None,
) -> bytes:
    """Return one netlink message."""
    payload = body + packed(attributes or {})
    return (
        _HEADER.pack(
            _HEADER.size + len(payload),
            kind,
            NLM_F_REQUEST | flags,
            sequence,
            0,
        )
        + payload
    )


def packed(attributes: Attributes) -> bytes:
    """Return attributes as they are in a message, or in another one."""
    return b"".join(
        _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind)
        + value
        + bytes(-len(value) % 4)
        for kind, value in attributes.items()
    )


def messages(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield kind, flags, sequence and body of each message of a datagram.

    What is cut off or of an impossible length ends the iteration.
    """
    offset = 0
    while offset + _HEADER.size <= len(data):
        length, kind, flags, sequence, _ = _HEADER.unpack_from(data, offset)
        if length < _HEADER.size or offset + length > len(data):
            return
        yield kind, flags, sequence, data[offset + 16 : offset + length]
        offset += (length + 3) & ~3


def each_attribute(data: bytes, offset: int = 0) -> Iterator[Attribute]:
    """Yield type and value of the attributes that begin at an offset."""
    end = len(data)
    while offset + 4 <= end:
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < 4 or offset + length > end:
            break
        yield kind & _TYPE_MASK, data[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def attributes(data: bytes, offset: int = 0) -> Attributes:
    """Return the attributes that begin at an offset, by type."""
    return dict(each_attribute(data, offset))


def error_number(body: bytes) -> int:
    """Return the errno that an NLMSG_ERROR or NLMSG_DONE carries, or 0."""
    if len(body) < 4:
        return 0
    number: int = struct.unpack_from("=i", body)[0]
    return -number if number < 0 else 0


def text(value: bytes) -> str:
    """Return a string attribute."""
    return value.rstrip(b"\0").decode(errors="replace")


def number(value: bytes) -> int:
    """Return an unsigned attribute of one, two, four or eight bytes."""
    return int.from_bytes(value, "little" if _LITTLE_ENDIAN else "big")


def address(value: bytes) -> str | None:
    """Return an IPv4 or IPv6 address; None when it is neither."""
    if len(value) == 4:
        return socket.inet_ntop(socket.AF_INET, value)
    if len(value) == 16:
        return socket.inet_ntop(socket.AF_INET6, value)
    return None


_LITTLE_ENDIAN = struct.pack("=H", 1) == struct.pack("<H", 1)
