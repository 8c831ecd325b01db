# SPDX-License-Identifier: Apache-2.0
"""Reads the classic file format of packet captures.

After draft-ietf-opsawg-pcap: a header of 24 bytes, then a header of 16 bytes
before each packet, all in the byte order of the machine that wrote them.
"""

from collections.abc import Iterator
import struct
from typing import NamedTuple

import msgspec

HEADER_BYTES = 24
RECORD_BYTES = 16
#: Nothing longer is taken for a packet: MAXIMUM_SNAPLEN of libpcap, twice.
_LONGEST = 524_288

_MICROSECONDS = 0xA1B2C3D4
_NANOSECONDS = 0xA1B23C4D
#: The upper bits say whether frames end with a check sequence.
_LINK_TYPE = 0xFFFF


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all packets of a stream.

    ``order`` is the byte order as :mod:`struct` writes it, ``fraction`` how
    many nanoseconds the smaller unit of time stands for, ``link_type`` one
    of the LINKTYPE_ values.
    """

    order: str
    fraction: int
    snaplen: int
    link_type: int


class Record(NamedTuple):
    """One packet: ``data`` lies from ``start`` to ``end`` of the buffer.

    ``time`` is in nanoseconds since the epoch, ``length`` what the packet
    had on the wire.
    """

    time: int
    start: int
    end: int
    length: int


def header(data: bytes | bytearray) -> Header:
    """Read the header of a stream.

    :param data: its beginning, ``HEADER_BYTES`` at least
    :raises ValueError: it is not the beginning of such a stream
    """
    if len(data) < HEADER_BYTES:
        raise ValueError(f"a pcap header has {HEADER_BYTES} bytes")
    for order in "<>":
        magic, major, _, _, _, snaplen, link_type = struct.unpack_from(
            f"{order}IHHiIII", data
        )
        if magic in {_MICROSECONDS, _NANOSECONDS} and major == 2:
            return Header(
                order=order,
                fraction=1 if magic == _NANOSECONDS else 1000,
                snaplen=snaplen,
                link_type=link_type & _LINK_TYPE,
            )
    raise ValueError(f"not a pcap stream: it begins with {data[:8].hex()}")


def records(
    about: Header, data: bytes | bytearray, start: int = 0
) -> Iterator[Record]:
    """Yield the packets that are in a buffer as a whole.

    :param start: where the first header of a packet is
    :raises ValueError: what is there is not a packet
    """
    layout = struct.Struct(f"{about.order}IIII")
    fraction = about.fraction
    last = len(data) - RECORD_BYTES
    while start <= last:
        seconds, part, captured, length = layout.unpack_from(data, start)
        if captured > _LONGEST:
            raise ValueError(f"a packet of {captured} bytes")
        begin = start + RECORD_BYTES
        start = begin + captured
        if start > len(data):
            return
        yield Record(
            seconds * 1_000_000_000 + part * fraction, begin, start, length
        )
