# SPDX-License-Identifier: Apache-2.0
"""Neighbours as rtnetlink tells of them, see linux/neighbour.h."""

import socket
import struct
from typing import NamedTuple

from steth.agent.inspect import rtnetlink
from steth.model import host as host_model

_NDA_DST = 1
_NDA_LLADDR = 2

_NDTA_THRESH3 = 4
_NDTA_CONFIG = 5
#: struct ndt_config: sizes of a key and of an entry, then how many there are.
_CONFIG = struct.Struct("=HHI")

_STATES = {
    0x00: "none",
    0x01: "incomplete",
    0x02: "reachable",
    0x04: "stale",
    0x08: "delay",
    0x10: "probe",
    0x20: "failed",
    0x40: "noarp",
    0x80: "permanent",
}

#: States of an address that has no MAC address and is not waiting for one.
UNRESOLVABLE = frozenset({"none", "noarp"})

#: What a dump of the neighbours of both families asks for.
REQUEST = rtnetlink.NDMSG.pack(0, 0, 0, 0, 0)


class Table(NamedTuple):
    """How full the neighbour table of an IP version is, for all namespaces.

    ``limit`` is the sysctl gc_thresh3: no more entries are made.
    """

    entries: int
    limit: int


def table_request(version: int) -> bytes:
    """Return the body of a request for the table of an IP version."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    return rtnetlink.NDTMSG.pack(family)


def table(body: bytes) -> Table | None:
    """Return how full a table is; None for what is of one device only."""
    attributes = rtnetlink.attributes(body, rtnetlink.NDTMSG.size)
    config = attributes.get(_NDTA_CONFIG, b"")
    if _NDTA_THRESH3 not in attributes or len(config) < _CONFIG.size:
        return None
    return Table(
        entries=_CONFIG.unpack_from(config)[2],
        limit=rtnetlink.number(attributes[_NDTA_THRESH3]),
    )


def get_request(
    address: str, device: int
) -> tuple[bytes, rtnetlink.Attributes]:
    """Return body and attributes that ask for one neighbour of a device."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (
        rtnetlink.NDMSG.pack(family, device, 0, 0, 0),
        {_NDA_DST: socket.inet_pton(family, address)},
    )


def decode(body: bytes, names: dict[int, str]) -> host_model.Neighbour | None:
    """Return the neighbour that a message is of; None when it is not of IP.

    :param names: the names of the namespace's links by index
    """
    family, index, state, _, _ = rtnetlink.NDMSG.unpack_from(body)
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    attributes = rtnetlink.attributes(body, rtnetlink.NDMSG.size)
    address = rtnetlink.address(attributes.get(_NDA_DST, b""))
    if address is None:
        return None
    mac = attributes.get(_NDA_LLADDR)
    return host_model.Neighbour(
        address=address,
        family=4 if family == socket.AF_INET else 6,
        device=names.get(index, f"if{index}"),
        mac=mac.hex(":") if mac else None,
        state=_STATES.get(state, str(state)),
    )
