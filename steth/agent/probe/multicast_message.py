# SPDX-License-Identifier: Apache-2.0
"""Messages to a multicast group that say who sent them, in which run.

Each run has a group of its own, so that runs do not hear each other: in
IPv4 one of 239.255.0.0/16, the local scope of RFC 2365, in IPv6 a transient
one of site-local scope (RFC 4291, 2.7).
"""

import ipaddress
import struct

#: One that no program is registered for, beside that of the direct listener.
PORT = 9699
MAGIC = b"stethMC1"
#: Magic, run, sender's index.
_MESSAGE = struct.Struct("!8sIH")
LENGTH = _MESSAGE.size
UDP = 17
#: Headers as they are without options and extensions.
ETHERNET = 14
IPV6_HEADER = 40
UDP_HEADER = 8


def group(run: int, version: int) -> str:
    """Return the group of a run in an IP version."""
    if version == 4:
        return str(ipaddress.IPv4Address("239.255.0.0") + (run & 0xFFFF))
    return str(ipaddress.IPv6Address("ff15::5354:0:0") + run)


def build(run: int, sender: int) -> bytes:
    """Return a message."""
    return _MESSAGE.pack(MAGIC, run, sender)


def read(message: bytes | memoryview, run: int) -> int | None:
    """Return who sent a message of the run; None if it is none."""
    if len(message) < LENGTH:
        return None
    magic, of_run, sender = _MESSAGE.unpack_from(message)
    return sender if magic == MAGIC and of_run == run else None


def read_frame(frame: bytes | memoryview, run: int) -> int | None:
    """Return who sent the message in an Ethernet frame of the run."""
    if len(frame) <= ETHERNET:
        return None
    first = frame[ETHERNET]
    header = (first & 0xF) * 4 if first >> 4 == 4 else IPV6_HEADER
    return read(frame[ETHERNET + header + UDP_HEADER :], run)
