# SPDX-License-Identifier: Apache-2.0
"""Reads pcapng files back, after the draft and not after our writer."""

import pathlib
import struct
from typing import Any

import msgspec


class Content(msgspec.Struct, kw_only=True):
    """What is in a file; packets are (interface, time, data, length)."""

    application: str = ""
    interfaces: list[dict[int, bytes]] = []
    link_types: list[int] = []
    packets: list[tuple[int, int, bytes, int]] = []
    statistics: list[tuple[int, dict[int, bytes]]] = []


def read(path: pathlib.Path) -> Content:
    """Read a file to its very end."""
    return parse(path.read_bytes())


def parse(data: bytes) -> Content:
    """Read blocks, each of which has to be whole."""
    found = Content()
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0
        assert length <= len(data) - at, "a block is cut off"
        assert struct.unpack_from("<I", data, at + length - 4) == (length,)
        _take(found, kind, data[at + 8 : at + length - 4])
        at += length
    return found


def _take(found: Content, kind: int, body: bytes) -> None:
    if kind == 0x0A0D0D0A:
        assert struct.unpack_from("<IHH", body) == (0x1A2B3C4D, 1, 0)
        found.application = _options(body[16:])[4].decode()
    elif kind == 1:
        found.link_types.append(struct.unpack_from("<H", body)[0])
        found.interfaces.append(_options(body[8:]))
    elif kind == 6:
        number, high, low, kept, length = struct.unpack_from("<IIIII", body)
        assert number < len(found.interfaces)
        found.packets.append(
            (number, high << 32 | low, body[20 : 20 + kept], length)
        )
    else:
        assert kind == 5, kind
        (number,) = struct.unpack_from("<I", body)
        found.statistics.append((number, _options(body[12:])))


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while True:
        code, length = struct.unpack_from("<HH", data, at)
        if not code:
            assert length == 0
            assert at + 4 == len(data)
            return found
        found[code] = data[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4


def number(option: bytes) -> Any:
    """Return a counter."""
    return struct.unpack("<Q", option)[0]
