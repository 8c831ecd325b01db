# SPDX-License-Identifier: Apache-2.0
"""Addresses as rtnetlink tells of them, see linux/if_addr.h."""

import socket
import struct

from steth.agent.inspect import rtnetlink
from steth.model import host as host_model

_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_IFA_CACHEINFO = 6
_IFA_FLAGS = 8

_SECONDARY = 0x01
_PERMANENT = 0x80
#: In iproute2's words, in the order it prints them.
_FLAGS = (
    (0x02, "nodad"),
    (0x04, "optimistic"),
    (0x08, "dadfailed"),
    (0x10, "home"),
    (0x20, "deprecated"),
    (0x40, "tentative"),
    (0x100, "mngtmpaddr"),
    (0x200, "noprefixroute"),
    (0x400, "autojoin"),
    (0x800, "stable-privacy"),
)

#: The beginning of ``struct ifa_cacheinfo``: preferred, valid.
_LIFETIMES = struct.Struct("=II")
_FOREVER = 0xFFFFFFFF

_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}

#: What a dump of the addresses of both families asks for.
REQUEST = rtnetlink.IFADDR.pack(0, 0, 0, 0, 0)


def decode(body: bytes, names: dict[int, str]) -> host_model.Address | None:
    """Return the address that a message is of; None when it is not of IP.

    :param names: the names of the namespace's links by index
    """
    family, length, flags, scope, index = rtnetlink.IFADDR.unpack_from(body)
    attributes = rtnetlink.attributes(body, rtnetlink.IFADDR.size)
    # On a point-to-point link IFA_ADDRESS is the other end's.
    value = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS, b"")
    address = rtnetlink.address(value)
    if address is None:
        return None
    if _IFA_FLAGS in attributes:
        flags = rtnetlink.number(attributes[_IFA_FLAGS])
    ip = 4 if family == socket.AF_INET else 6
    preferred, valid = _lifetimes(attributes.get(_IFA_CACHEINFO, b""))
    return host_model.Address(
        address=address,
        prefix_length=length,
        family=ip,
        device=names.get(index, f"if{index}"),
        scope=_SCOPES.get(scope, str(scope)),
        flags=_flag_names(flags, ip),
        valid=valid,
        preferred=preferred,
    )


def _lifetimes(value: bytes) -> tuple[int | None, int | None]:
    """Return the preferred and the valid lifetime, in seconds."""
    if len(value) < _LIFETIMES.size:
        return None, None
    preferred, valid = _LIFETIMES.unpack_from(value)
    return (
        None if preferred == _FOREVER else preferred,
        None if valid == _FOREVER else valid,
    )


def _flag_names(flags: int, ip: int) -> tuple[str, ...]:
    found = []
    if flags & _SECONDARY:
        found.append("secondary" if ip == 4 else "temporary")
    found += [name for bit, name in _FLAGS if flags & bit]
    if not flags & _PERMANENT:
        found.append("dynamic")
    return tuple(found)
