# SPDX-License-Identifier: Apache-2.0
"""Holds what was captured until it is fetched, within bounds.

Pure: bytes in, bytes out. Packets are kept or lost as a whole, so that what
is fetched is a whole pcap stream however much of it was lost.
"""

import threading

from steth.model import capture
from steth.model import pcap

SIZE_BOUND = "size"
MEMORY_BOUND = "memory"


class Room:
    """The memory that the points of a capture share.

    :param size: in bytes
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = threading.Lock()

    def take(self, size: int, *, anyway: bool = False) -> bool:
        """Take as many bytes, unless there is no room for them.

        :param anyway: even then
        """
        with self._lock:
            if size > self._free and not anyway:
                return False
            self._free -= size
            return True

    def give_back(self, size: int) -> None:
        """Return what was taken."""
        with self._lock:
            self._free += size


class Spool:
    """The stream of one point.

    :param size: how many bytes are kept in all
    :param room: holds those that were not fetched yet
    """

    def __init__(self, size: int, room: Room) -> None:
        self._size = size
        self._room = room
        self._lock = threading.Lock()
        self._header: pcap.Header | None = None
        #: What came and is no whole packet yet.
        self._partial = bytearray()
        #: What can be fetched, from which offset of the stream on.
        self._kept = bytearray()
        self._offset = 0
        self._full = False
        self._packets = 0
        self._lost = 0
        self._lost_bytes = 0
        self._bound: str | None = None

    def add(self, data: bytes) -> int:
        """Take what came from tcpdump.

        :returns: how many packets came, whether kept or lost
        :raises ValueError: it is not a pcap stream
        """
        with self._lock:
            self._partial += data
            if self._header is None:
                if len(self._partial) < pcap.HEADER_BYTES:
                    return 0
                self._header = pcap.header(self._partial)
                self._room.take(pcap.HEADER_BYTES, anyway=True)
                self._kept += self._partial[: pcap.HEADER_BYTES]
                del self._partial[: pcap.HEADER_BYTES]
            whole = list(pcap.records(self._header, self._partial))
            if whole:
                self._add_packets(whole)
                del self._partial[: whole[-1].end]
            return len(whole)

    def read(self, offset: int, limit: int) -> capture.CapturePiece:
        """Return what comes from an offset on; forget what is before it.

        :param limit: how many bytes at most
        :raises ValueError: what is there was forgotten, or never was
        """
        with self._lock:
            known = offset - self._offset
            if not 0 <= known <= len(self._kept):
                raise ValueError(
                    f"{offset} is not from {self._offset} to "
                    f"{self._offset + len(self._kept)}"
                )
            del self._kept[:known]
            self._room.give_back(known)
            self._offset = offset
            data = bytes(self._kept[:limit])
            return capture.CapturePiece(
                offset=offset,
                data=data,
                pending=len(self._kept) - len(data),
                packets=self._packets,
                lost=self._lost,
                lost_bytes=self._lost_bytes,
                bound=self._bound,
            )

    def _add_packets(self, whole: list[pcap.Record]) -> None:
        if self._keep(0, whole[-1].end):
            self._packets += len(whole)
            return
        # As many of them as fit.
        for one in whole:
            if self._keep(one.start - pcap.RECORD_BYTES, one.end):
                self._packets += 1
            else:
                self._lost += 1
                self._lost_bytes += one.length
                # Nothing that is smaller slips in behind.
                self._full |= self._bound == SIZE_BOUND

    def _keep(self, begin: int, end: int) -> bool:
        """Keep a part of what came, unless a bound is reached."""
        wanted = end - begin
        if self._full or (
            self._offset + len(self._kept) + wanted > self._size
        ):
            bound = SIZE_BOUND
        elif not self._room.take(wanted):
            bound = MEMORY_BOUND
        else:
            self._kept += self._partial[begin:end]
            return True
        self._bound = self._bound or bound
        return False
