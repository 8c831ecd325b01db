# SPDX-License-Identifier: Apache-2.0
"""Builds the blocks of a pcapng file; pure.

After draft-ietf-opsawg-pcapng. Everything is little-endian, and times are in
nanoseconds since the epoch.
"""

from collections.abc import Sequence
import struct

import msgspec

#: Where a block says how long it is, and a packet of which interface it is.
LENGTH = struct.Struct("<4xI")
INTERFACE = struct.Struct("<I")
INTERFACE_OFFSET = 8

_SECTION_HEADER = 0x0A0D0D0A
_INTERFACE_DESCRIPTION = 1
_INTERFACE_STATISTICS = 5
_ENHANCED_PACKET = 6

_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_NANOSECONDS = 9

_COMMENT = 1
_USER_APPLICATION = 4
_IF_NAME, _IF_DESCRIPTION, _IF_RESOLUTION, _IF_FILTER = 2, 3, 9, 11
#: The filter is text, as libpcap understands it.
_FILTER_STRING = b"\0"
_STARTED, _ENDED = 2, 3
_RECEIVED, _IF_DROPPED, _ACCEPTED, _OS_DROPPED, _DELIVERED = 4, 5, 6, 7, 8

_PACKET = struct.Struct("<IIIIIII")
_TRAILER = struct.Struct("<I")
#: The fields of a packet before its data, and the length once more after it.
_PACKET_OVERHEAD = _PACKET.size + _TRAILER.size
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")

_Option = tuple[int, bytes]


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an interface; ``filter`` is empty where there is none.

    ``link_type`` is one of the LINKTYPE_ values.
    """

    name: str
    description: str
    link_type: int
    snaplen: int
    filter: str = ""


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Packets that were counted at an interface, and in how long.

    Of those ``received`` that passed the filter, ``dropped`` did not find
    room in the kernel and ``delivered`` are in the file;
    ``interface_dropped`` were lost before. None is for "not known".
    """

    started: int
    ended: int
    delivered: int
    received: int | None = None
    dropped: int | None = None
    interface_dropped: int | None = None
    comment: str = ""


def section(application: str) -> bytes:
    """Return the block that a file begins with."""
    return _block(
        _SECTION_HEADER,
        struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, _UNKNOWN_LENGTH),
        [(_USER_APPLICATION, application.encode())],
    )


def interface(about: Interface) -> bytes:
    """Return the block of an interface; they are numbered in their order."""
    options: list[_Option] = [
        (_IF_NAME, about.name.encode()),
        (_IF_DESCRIPTION, about.description.encode()),
        (_IF_RESOLUTION, bytes([_NANOSECONDS])),
    ]
    if about.filter:
        options.append((_IF_FILTER, _FILTER_STRING + about.filter.encode()))
    return _block(
        _INTERFACE_DESCRIPTION,
        struct.pack("<HHI", about.link_type, 0, about.snaplen),
        options,
    )


def packet(
    number: int, time: int, data: bytes | bytearray, length: int
) -> bytes:
    """Return the block of a packet.

    :param number: of the interface
    :param length: in bytes, on the wire
    """
    padding = _PADDING[len(data) & 3]
    size = _PACKET_OVERHEAD + len(data) + len(padding)
    return b"".join(
        (
            _PACKET.pack(
                _ENHANCED_PACKET,
                size,
                number,
                time >> 32 & 0xFFFFFFFF,
                time & 0xFFFFFFFF,
                len(data),
                length,
            ),
            data,
            padding,
            _TRAILER.pack(size),
        )
    )


def statistics(number: int, counted: Statistics) -> bytes:
    """Return the block that says what was counted at an interface."""
    options: list[_Option] = [
        (code, struct.pack("<II", time >> 32, time & 0xFFFFFFFF))
        for code, time in (
            (_STARTED, counted.started),
            (_ENDED, counted.ended),
        )
    ]
    options += [
        (code, struct.pack("<Q", count))
        for code, count in (
            (_RECEIVED, counted.received),
            (_IF_DROPPED, counted.interface_dropped),
            (_ACCEPTED, counted.received),
            (_OS_DROPPED, counted.dropped),
            (_DELIVERED, counted.delivered),
        )
        if count is not None
    ]
    if counted.comment:
        options.append((_COMMENT, counted.comment.encode()))
    return _block(
        _INTERFACE_STATISTICS,
        struct.pack(
            "<III", number, counted.ended >> 32, counted.ended & 0xFFFFFFFF
        ),
        options,
    )


def _block(kind: int, fields: bytes, options: Sequence[_Option]) -> bytes:
    body = fields
    for code, value in options:
        body += struct.pack("<HH", code, len(value))
        body += value + _PADDING[len(value) & 3]
    if options:
        body += bytes(4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length
