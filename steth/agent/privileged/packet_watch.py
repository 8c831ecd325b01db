# SPDX-License-Identifier: Apache-2.0
"""Watching the devices of the host for a run's packets, see packet(7).

The packets come through a ring in shared memory: its size is not bounded by
net.core.rmem_max, which raising past takes CAP_NET_ADMIN, and reading it
takes no system call per packet.
"""

import contextlib
import mmap
import socket
import struct

from steth.agent.privileged import echo_sockets
from steth.agent.probe import filters
from steth.agent.probe import sighting
from steth.model import probe

_ETH_P_ALL = 0x0003
_SOL_PACKET = 263
_PACKET_RX_RING = 5
_PACKET_STATISTICS = 6
_PACKET_VERSION = 10
_TPACKET_V2 = 1
_PACKET_OUTGOING = 4

#: A frame holds the header of its kind (at most 80 bytes) and a packet's
#: first bytes.
_FRAME = 256
_FRAMES = 8192
_BLOCK = 1 << 16
_TP_STATUS_KERNEL = 0
_TP_STATUS_USER = 1
#: struct tpacket2_hdr: status, length, kept length, offset of the link
#: layer's header and of the network layer's.
_FRAME_HEADER = struct.Struct("@IIIHH")
#: struct sockaddr_ll behind it: index at 4, packet type at 10.
_ADDRESS = 32
_STATUS = struct.Struct("@I")
_INDEX = struct.Struct("@i")


class PacketWatch:
    """Counts the packets of one run on every device.

    :raises OSError: the kernel refused
    """

    def __init__(self, run: int, addresses: frozenset[bytes]) -> None:
        self._names: dict[int, str] = {}
        self._sightings = sighting.Sightings(run, addresses, self._name)
        self._lost = 0
        self._next = 0
        # What arrives before the filter and the ring are there is thrown away
        # by the kernel when the ring is set up.
        self._socket = socket.socket(
            socket.AF_PACKET,
            socket.SOCK_DGRAM | socket.SOCK_CLOEXEC,
            socket.htons(_ETH_P_ALL),
        )
        try:
            echo_sockets.attach_filter(self._socket, filters.watched(run))
            self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
            self._socket.setsockopt(
                _SOL_PACKET,
                _PACKET_RX_RING,
                struct.pack(
                    "@IIII",
                    _BLOCK,
                    _FRAME * _FRAMES // _BLOCK,
                    _FRAME,
                    _FRAMES,
                ),
            )
            self._ring = mmap.mmap(self._socket.fileno(), _FRAME * _FRAMES)
        except OSError:
            self._socket.close()
            raise
        self._view = memoryview(self._ring)
        self.lost()
        self._lost = 0

    def drain(self) -> None:
        """Take all that is there."""
        view = self._view
        for _ in range(_FRAMES):
            start = self._next * _FRAME
            status, _, kept, _, offset = _FRAME_HEADER.unpack_from(view, start)
            if not status & _TP_STATUS_USER:
                return
            at = start + _ADDRESS
            (device,) = _INDEX.unpack_from(view, at + 4)
            outgoing = view[at + 10] == _PACKET_OUTGOING
            if device not in self._names:
                self._learn(device)
            self._sightings.see(
                device,
                outgoing,
                view[start + offset : start + min(offset + kept, _FRAME)],
            )
            _STATUS.pack_into(view, start, _TP_STATUS_KERNEL)
            self._next = (self._next + 1) % _FRAMES

    def results(self) -> tuple[probe.Sighting, ...]:
        """Return what was seen."""
        return self._sightings.results()

    def lost(self) -> int:
        """Return how many packets were not counted."""
        # Reading sets the kernel's counters back.
        statistics = self._socket.getsockopt(
            _SOL_PACKET, _PACKET_STATISTICS, 8
        )
        self._lost += struct.unpack("@II", statistics)[1]
        return self._lost + self._sightings.lost

    def close(self) -> None:
        """Give up the ring and the socket."""
        self._view.release()
        self._ring.close()
        self._socket.close()

    def _learn(self, device: int) -> None:
        """Ask for the name at first sight: the device may go away."""
        self._names[device] = f"if{device}"
        with contextlib.suppress(OSError):
            self._names[device] = socket.if_indextoname(device)

    def _name(self, device: int) -> str:
        return self._names.get(device, f"if{device}")
