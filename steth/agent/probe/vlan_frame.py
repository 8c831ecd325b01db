# SPDX-License-Identifier: Apache-2.0
"""Frames that are marked with who sent them, in which run, on which VLAN.

They have the EtherType that IEEE 802 leaves to local experiments, so that no
host answers them, and go to all hosts.
"""

import struct
from typing import NamedTuple

ETHERTYPE = 0x88B5
#: Identifies the frames among other experiments.
MAGIC = b"stethVL1"
_BROADCAST = b"\xff" * 6
_TAG = struct.Struct("!HH")
_TPID = 0x8100
#: Magic, run, sender's index, VLAN that it was sent on (0 for no tag).
_MARK = struct.Struct("!8sIHH")
#: What a network card would pad a frame to, without its checksum.
_LEAST = 60
HEADER = 14
#: Where the run is in a frame without tag.
RUN_OFFSET = HEADER + len(MAGIC)
#: As much of a frame as is read.
LENGTH = HEADER + _MARK.size


class Mark(NamedTuple):
    """Who sent a frame, and the VLAN that it was sent on."""

    sender: int
    vlan: int


def build(source: bytes, run: int, sender: int, vlan: int) -> bytes:
    """Return a frame.

    :param source: the sender's MAC address
    :param vlan: 0 for a frame without a tag
    """
    tag = _TAG.pack(_TPID, vlan) if vlan else b""
    frame = (
        _BROADCAST
        + source
        + tag
        + struct.pack("!H", ETHERTYPE)
        + _MARK.pack(MAGIC, run, sender, vlan)
    )
    return frame.ljust(_LEAST + len(tag), b"\0")


def read(frame: bytes | memoryview, run: int) -> Mark | None:
    """Return the mark of a frame of the run; ``None`` if it has none.

    :param frame: without its outer tag, which the kernel has taken off
    """
    if len(frame) < LENGTH:
        return None
    magic, of_run, sender, vlan = _MARK.unpack_from(frame, HEADER)
    if magic != MAGIC or of_run != run:
        return None
    return Mark(sender, vlan)
