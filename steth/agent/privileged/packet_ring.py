# SPDX-License-Identifier: Apache-2.0
"""Packets through a ring in shared memory, see packet(7).

Its size is not bounded by net.core.rmem_max, which raising past takes
CAP_NET_ADMIN, and reading it takes no system call per packet.
"""

from collections.abc import Iterator
import mmap
import socket
import struct
from typing import NamedTuple

from steth.agent.privileged import echo_sockets

_ETH_P_ALL = 0x0003
_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_RX_RING = 5
_PACKET_STATISTICS = 6
_PACKET_VERSION = 10
_TPACKET_V2 = 1
_PACKET_OUTGOING = 4
_PACKET_MR_PROMISC = 1
#: struct packet_mreq: index, type, and an address that this type has not.
_MEMBERSHIP = struct.Struct("@iHH8x")

#: A frame holds the header of its kind (at most 80 bytes) and a packet's
#: first bytes; so many are enough for most purposes.
FRAME = 256
_BLOCK = 1 << 16
_TP_STATUS_KERNEL = 0
_TP_STATUS_USER = 1
_TP_STATUS_VLAN_VALID = 16
_VLAN_ID = 0xFFF
#: struct tpacket2_hdr: status, length, kept length, offset of what the
#: socket's type lets it see; time stamp; tag that the kernel took off.
_HEADER = struct.Struct("@IIIH2x8xH")
#: struct sockaddr_ll behind it: index at 4, packet type at 10.
_ADDRESS = 32
_STATUS = struct.Struct("@I")
_INDEX = struct.Struct("@i")


class Packet(NamedTuple):
    """A packet; ``data`` holds until the next one is asked for.

    ``device`` is the index of the device that it passed, ``vlan`` the VLAN
    of its outer tag, which is not in ``data`` any more; 0 without one.
    """

    device: int
    outgoing: bool
    vlan: int
    data: memoryview


class PacketRing:
    """Receives what a filter lets pass.

    :param kind: ``SOCK_RAW``, or ``SOCK_DGRAM`` without the link layer
    :param program: the filter, classic BPF
    :param frames: how many packets it holds, a multiple of 256
    :param interface: the one device to receive from, empty for all; what a
        NIC filters in hardware otherwise, as VLANs that nobody on the host
        uses, is received too for as long as the ring is there
    :param size: of a frame in bytes, a power of two from 256
    :raises OSError: the kernel refused, or there is no such device
    """

    def __init__(
        self,
        kind: int,
        program: bytes,
        frames: int,
        interface: str = "",
        size: int = FRAME,
    ) -> None:
        self._frames = frames
        self._size = size
        self._lost = 0
        self._next = 0
        # What arrives before the filter and the ring are there is thrown away
        # by the kernel when the ring is set up.
        self._socket = socket.socket(
            socket.AF_PACKET,
            kind | socket.SOCK_CLOEXEC,
            socket.htons(_ETH_P_ALL),
        )
        try:
            echo_sockets.attach_filter(self._socket, program)
            if interface:
                self._socket.bind((interface, _ETH_P_ALL))
                # Counted by the kernel, and taken back with the socket.
                self._socket.setsockopt(
                    _SOL_PACKET,
                    _PACKET_ADD_MEMBERSHIP,
                    _MEMBERSHIP.pack(
                        socket.if_nametoindex(interface), _PACKET_MR_PROMISC, 0
                    ),
                )
            self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
            self._socket.setsockopt(
                _SOL_PACKET,
                _PACKET_RX_RING,
                struct.pack(
                    "@IIII", _BLOCK, size * frames // _BLOCK, size, frames
                ),
            )
            self._ring = mmap.mmap(self._socket.fileno(), size * frames)
        except OSError:
            self._socket.close()
            raise
        self._view = memoryview(self._ring)
        self.lost()
        self._lost = 0

    def take(self) -> Iterator[Packet]:
        """Yield what is there, no more than the ring holds."""
        view = self._view
        for _ in range(self._frames):
            start = self._next * self._size
            status, _, kept, offset, tag = _HEADER.unpack_from(view, start)
            if not status & _TP_STATUS_USER:
                return
            at = start + _ADDRESS
            yield Packet(
                _INDEX.unpack_from(view, at + 4)[0],
                view[at + 10] == _PACKET_OUTGOING,
                tag & _VLAN_ID if status & _TP_STATUS_VLAN_VALID else 0,
                view[start + offset : start + min(offset + kept, self._size)],
            )
            _STATUS.pack_into(view, start, _TP_STATUS_KERNEL)
            self._next = (self._next + 1) % self._frames

    def lost(self) -> int:
        """Return how many packets the ring had no room for."""
        # Reading sets the kernel's counters back.
        statistics = self._socket.getsockopt(
            _SOL_PACKET, _PACKET_STATISTICS, 8
        )
        self._lost += struct.unpack("@II", statistics)[1]
        return self._lost

    def close(self) -> None:
        """Give up the ring and the socket."""
        self._view.release()
        self._ring.close()
        self._socket.close()
