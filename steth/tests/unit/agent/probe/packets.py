# SPDX-License-Identifier: Apache-2.0
"""Packets as they come from a network, for the tests of the prober."""

import ipaddress
import socket
import struct

from steth.agent.probe import echo

IDENTIFIER = 0x1234
RUN = 0xABCD0123


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071); 0 over a correct packet."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def request(
    index: int = 0,
    number: int = 0,
    *,
    size: int = 64,
    sequence: int = 0,
    identifier: int = IDENTIFIER,
    run: int = RUN,
    version: int = 4,
) -> bytes:
    """Return an echo request without its IP header."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    template = echo.Template(family, identifier, run, index, size)
    head = bytearray(echo.HEAD.size)
    template.write(head, sequence, number)
    return bytes(head) + bytes(template.padding)


def reply(asked: bytes) -> bytes:
    """Return the reply to an echo request."""
    kind = {8: 0, 128: 129}[asked[0]]
    return bytes([kind]) + asked[1:]


def ipv4(
    source: str,
    destination: str,
    payload: bytes,
    *,
    fragment: int = 0,
    options: bytes = b"",
    protocol: int = socket.IPPROTO_ICMP,
) -> bytes:
    """Return an IPv4 packet."""
    words = 5 + len(options) // 4
    return (
        struct.pack(
            "!BBHHHBBH4s4s",
            0x40 | words,
            0,
            4 * words + len(payload),
            0,
            fragment,
            64,
            protocol,
            0,
            socket.inet_aton(source),
            socket.inet_aton(destination),
        )
        + options
        + payload
    )


def ipv6(
    source: str,
    destination: str,
    payload: bytes,
    *,
    following: int = socket.IPPROTO_ICMPV6,
) -> bytes:
    """Return an IPv6 packet."""
    return (
        struct.pack("!IHBB", 6 << 28, len(payload), following, 64)
        + ipaddress.IPv6Address(source).packed
        + ipaddress.IPv6Address(destination).packed
        + payload
    )


def fragment_header(offset: int = 0, *, more: bool = True) -> bytes:
    """Return an IPv6 fragment header in front of ICMPv6."""
    return struct.pack(
        "!BBHI", socket.IPPROTO_ICMPV6, 0, offset << 3 | more, 7
    )


def error(kind: int, code: int, quoted: bytes, rest: int = 0) -> bytes:
    """Return an ICMP error; ``rest`` is the last half of its header."""
    return struct.pack("!BBHI", kind, code, 0, rest) + quoted


def arp(operation: int, sender: str, target: str) -> bytes:
    """Return an ARP packet for Ethernet and IPv4."""
    return struct.pack(
        "!HHBBH6s4s6s4s",
        1,
        0x0800,
        6,
        4,
        operation,
        b"\x02\0\0\0\0\1",
        socket.inet_aton(sender),
        bytes(6),
        socket.inet_aton(target),
    )


def neighbour_discovery(kind: int, about: str) -> bytes:
    """Return a neighbour solicitation (135) or advertisement (136)."""
    return (
        struct.pack("!BBHI", kind, 0, 0, 0)
        + ipaddress.IPv6Address(about).packed
    )
