# SPDX-License-Identifier: Apache-2.0
"""The form of a probe's packets: ICMP echo (RFC 792), ICMPv6 (RFC 4443).

Behind the ICMP header each packet carries a mark: a magic number, the run it
belongs to, the index of its target in the request, and its number among the
packets to that target. Zeros fill the rest.
"""

import socket
import struct
from typing import NamedTuple

MAGIC = b"steth-01"

IPV4_HEADER = 20
IPV6_HEADER = 40
ICMP_HEADER = 8
#: The ICMP header and the mark, in bytes.
HEAD = struct.Struct("!BBHHH8sIHH")

ECHO_REPLY = 0
ECHO_REQUEST = 8
ECHO_REQUEST_V6 = 128
ECHO_REPLY_V6 = 129

_FRAGMENT_HEADER = 44

_QUOTED_IPV4 = struct.Struct("!BxHxxHxBxx4s4s")
_ICMP = struct.Struct("!BBHHH")
_MARK = struct.Struct("!8sIHH")


class Template:
    """The packets of one probe to one target.

    :param family: ``socket.AF_INET`` or ``AF_INET6``
    :param identifier: the ICMP identifier of the probe
    :param index: the target's place in the request
    :param size: the length of the whole IP packet
    """

    __slots__ = ("_base", "_identifier", "_index", "_run", "_type", "padding")

    def __init__(
        self, family: int, identifier: int, run: int, index: int, size: int
    ) -> None:
        header = IPV4_HEADER if family == socket.AF_INET else IPV6_HEADER
        #: How many zeros follow the head.
        self.padding = size - header - HEAD.size
        self._identifier = identifier
        self._run = run
        self._index = index
        if family == socket.AF_INET:
            self._type = ECHO_REQUEST
            words = struct.unpack("!12H", self._pack(0, 0, 0))
            self._base = sum(words)
        else:
            # The kernel puts the checksum into ICMPv6 (RFC 3542).
            self._type = ECHO_REQUEST_V6
            self._base = 0

    def write(self, head: bytearray, sequence: int, number: int) -> None:
        """Write the head of the packet of a number into a buffer.

        :param sequence: the ICMP sequence number
        """
        checksum = 0
        if self._base:
            total = self._base + sequence + number
            total = (total & 0xFFFF) + (total >> 16)
            checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        head[:] = self._pack(checksum, sequence, number)

    def _pack(self, checksum: int, sequence: int, number: int) -> bytes:
        return HEAD.pack(
            self._type,
            0,
            checksum,
            self._identifier,
            sequence,
            MAGIC,
            self._run,
            self._index,
            number,
        )


class Quoted(NamedTuple):
    """An ICMP error about a packet of ours, with what it quotes of it.

    ``mtu`` is that of a "packet too big", 0 where it is not told. ``mark``
    is index and number; None where too little is quoted (RFC 792 asks for
    eight bytes behind the IP header only).
    """

    type: int
    code: int
    mtu: int
    destination: bytes
    sequence: int
    mark: tuple[int, int] | None


def reply_mark(
    data: memoryview, offset: int, identifier: int, run: int
) -> tuple[int, int] | None:
    """Return index and number of an echo reply, None if it is not ours.

    :param offset: where the ICMP header begins
    """
    if len(data) < offset + HEAD.size:
        return None
    kind, code, _, found, _, magic, its_run, index, number = HEAD.unpack_from(
        data, offset
    )
    if kind not in {ECHO_REPLY, ECHO_REPLY_V6} or code != 0:
        return None
    if found != identifier or magic != MAGIC or its_run != run:
        return None
    return index, number


def quoted_v4(
    data: memoryview, offset: int, identifier: int, run: int
) -> Quoted | None:
    """Return what an ICMP error says, None if it is not about ours.

    :param offset: where the error's ICMP header begins
    """
    inner = offset + ICMP_HEADER
    if len(data) < inner + IPV4_HEADER:
        return None
    kind, code, _, _, mtu = _ICMP.unpack_from(data, offset)
    version, _, fragment, protocol, _, destination = _QUOTED_IPV4.unpack_from(
        data, inner
    )
    # What follows the header is of an echo request in the first fragment.
    if protocol != socket.IPPROTO_ICMP or fragment & 0x1FFF:
        return None
    icmp = inner + (version & 0xF) * 4
    # The next hop's MTU (RFC 1191) is the last half of the header.
    too_big = kind == 3 and code == 4
    return _quoted(
        data,
        icmp,
        ECHO_REQUEST,
        (identifier, run),
        (kind, code, mtu if too_big else 0, destination),
    )


def quoted_v6(
    data: memoryview, offset: int, identifier: int, run: int
) -> Quoted | None:
    """Return what an ICMPv6 error says, None if it is not about ours."""
    inner = offset + ICMP_HEADER
    if len(data) < inner + IPV6_HEADER:
        return None
    kind, code, _, high, low = _ICMP.unpack_from(data, offset)
    following = data[inner + 6]
    destination = bytes(data[inner + 24 : inner + 40])
    icmp = inner + IPV6_HEADER
    if following == _FRAGMENT_HEADER and len(data) >= icmp + 8:
        following = data[icmp]
        icmp += 8
    if following != socket.IPPROTO_ICMPV6:
        return None
    return _quoted(
        data,
        icmp,
        ECHO_REQUEST_V6,
        (identifier, run),
        (kind, code, high << 16 | low if kind == 2 else 0, destination),
    )


def _quoted(
    data: memoryview,
    offset: int,
    request: int,
    ours: tuple[int, int],
    said: tuple[int, int, int, bytes],
) -> Quoted | None:
    if len(data) < offset + ICMP_HEADER:
        return None
    kind, _, _, identifier, sequence = _ICMP.unpack_from(data, offset)
    if kind != request or identifier != ours[0]:
        return None
    mark = None
    if len(data) >= offset + HEAD.size:
        magic, run, index, number = _MARK.unpack_from(
            data, offset + ICMP_HEADER
        )
        if magic != MAGIC or run != ours[1]:
            return None
        mark = index, number
    return Quoted(*said, sequence, mark)
