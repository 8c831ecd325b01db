# SPDX-License-Identifier: Apache-2.0
"""Bodies of rtnetlink messages as a kernel sends them, for tests."""

import ipaddress
import socket
import struct
from typing import Any

from steth.agent.inspect import rtnetlink


def attributes(values: dict[int, bytes]) -> bytes:
    """Return attributes as they are in a message."""
    return b"".join(
        struct.pack("=HH", 4 + len(value), kind)
        + value
        + bytes(-len(value) % 4)
        for kind, value in values.items()
    )


def number(value: int, size: int = 4) -> bytes:
    """Return a number in the byte order of this machine."""
    return struct.pack({1: "=B", 2: "=H", 4: "=I"}[size], value)


def link(
    index: int, name: str, flags: int = 0, **values: dict[int, bytes] | Any
) -> bytes:
    """Return a link; ``more`` are further attributes."""
    return rtnetlink.IFINFO.pack(0, 1, index, flags, 0) + attributes(
        {3: name.encode() + b"\0", **values.get("more", {})}
    )


def address(
    index: int,
    text: str,
    length: int,
    *,
    flags: int = 0x80,
    scope: int = 0,
    more: dict[int, bytes] | None = None,
) -> bytes:
    """Return an address."""
    parsed = ipaddress.ip_address(text)
    family = socket.AF_INET if parsed.version == 4 else socket.AF_INET6
    return rtnetlink.IFADDR.pack(
        family, length, flags & 0xFF, scope, index
    ) + attributes({1: parsed.packed, **(more or {})})


def route(
    destination: str,
    *,
    table: int = 254,
    kind: int = 1,
    flags: int = 0,
    more: dict[int, bytes] | None = None,
) -> bytes:
    """Return a route."""
    network = ipaddress.ip_network(destination)
    family = socket.AF_INET if network.version == 4 else socket.AF_INET6
    first = network.network_address.packed
    return rtnetlink.RTMSG.pack(
        family, network.prefixlen, 0, 0, table, 0, 0, kind, flags
    ) + attributes(({1: first} if network.prefixlen else {}) | (more or {}))


def neighbour(
    index: int, text: str, state: int, mac: bytes | None = None
) -> bytes:
    """Return a neighbour."""
    parsed = ipaddress.ip_address(text)
    family = socket.AF_INET if parsed.version == 4 else socket.AF_INET6
    return rtnetlink.NDMSG.pack(family, index, state, 0, 0) + attributes(
        {1: parsed.packed, **({2: mac} if mac else {})}
    )
