# SPDX-License-Identifier: Apache-2.0
"""Writes the merged capture.

Packets are appended as they come from the hosts, so that the file is a valid
one at any time and nothing that was fetched is lost with the client. In the
end it is written once more in the order of time, and takes the place of the
first.
"""

import array
import bisect
from collections.abc import Iterable
from collections.abc import Sequence
import mmap
import os
import pathlib
import stat
import tempfile
from types import TracebackType
from typing import Self

from steth.controller.capture import pcapng

_BATCH = 1 << 20


class FileError(Exception):
    """The file cannot be written (any further); what is there is valid."""


class CaptureFile:
    """A pcapng file in the making.

    :param path: where; what is there is overwritten with the first block
    :param application: what the file says it was written by
    :raises FileError: it cannot be written
    """

    def __init__(self, path: pathlib.Path, application: str) -> None:
        # A link stays one when the file is replaced.
        self._path = path.resolve()
        self._section = pcapng.section(application)
        self._interfaces: list[bytes] = []
        self._statistics: list[tuple[int, pcapng.Statistics]] = []
        #: Of each packet, in the order in which they are in the file.
        self._times = array.array("q")
        self._offsets = array.array("q")
        self._size = 0
        self._created = not path.exists()
        try:
            # Packets may hold secrets: they are for the user alone.
            self._descriptor = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                os.close(self._descriptor)
                raise FileError(f"{path} is not a regular file")
        except OSError as error:
            raise self._error(error) from None

    @property
    def packets(self) -> int:
        """How many packets are in the file."""
        return len(self._times)

    def add_interface(self, about: pcapng.Interface) -> int:
        """Add an interface and return its number.

        :raises FileError: it could not be written
        """
        block = pcapng.interface(about)
        self._append(block if self._size else self._section + block)
        self._interfaces.append(block)
        return len(self._interfaces) - 1

    def add_packets(
        self,
        number: int,
        packets: Iterable[tuple[int, bytes | bytearray, int]],
    ) -> None:
        """Add packets of an interface.

        :param packets: their time in nanoseconds, what was captured of them
            and their length on the wire
        :raises FileError: not all could be written
        """
        blocks = []
        end = self._size
        for time, data, length in packets:
            block = pcapng.packet(number, time, data, length)
            blocks.append(block)
            self._times.append(time)
            self._offsets.append(end)
            end += len(block)
        self._append(b"".join(blocks))

    def add_statistics(self, number: int, counted: pcapng.Statistics) -> None:
        """Say what was counted at an interface; written in the end."""
        self._statistics.append((number, counted))

    def finish(self, order: Sequence[int]) -> None:
        """Bring packets into the order of time, and interfaces into theirs.

        :param order: the numbers of the interfaces as they are to follow
        :raises FileError: what is there is valid, but not in that order or
            without the statistics
        """
        if self._is_in_order(order):
            self._append(self._counted(order))
        else:
            self._rewrite(order)
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._error(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # One that was not there and is empty is removed.
        os.close(self._descriptor)
        if self._created and not self._size:
            self._path.unlink(missing_ok=True)

    def _is_in_order(self, order: Sequence[int]) -> bool:
        times = self._times
        return list(order) == list(range(len(self._interfaces))) and all(
            times[at] <= times[at + 1] for at in range(len(times) - 1)
        )

    def _counted(self, order: Sequence[int]) -> bytes:
        place = {number: at for at, number in enumerate(order)}
        return b"".join(
            pcapng.statistics(at, counted)
            for at, counted in sorted(
                ((place[number], one) for number, one in self._statistics),
                key=lambda pair: pair[0],
            )
        )

    def _rewrite(self, order: Sequence[int]) -> None:
        try:
            descriptor, name = tempfile.mkstemp(
                prefix=f".{self._path.name}.", dir=self._path.parent
            )
        except OSError as error:
            raise self._unordered(error) from None
        try:
            self._copy(descriptor, order)
            os.fsync(descriptor)
            os.fchmod(
                descriptor, stat.S_IMODE(os.fstat(self._descriptor).st_mode)
            )
            os.replace(name, self._path)
        except BaseException as error:
            os.close(descriptor)
            pathlib.Path(name).unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._unordered(error) from None
            raise
        os.close(self._descriptor)
        self._descriptor = descriptor

    def _copy(self, descriptor: int, order: Sequence[int]) -> None:
        begin = [self._section, *(self._interfaces[one] for one in order)]
        _write(descriptor, b"".join(begin))
        place = {
            pcapng.INTERFACE.pack(number): pcapng.INTERFACE.pack(at)
            for at, number in enumerate(order)
        }
        number = pcapng.INTERFACE_OFFSET
        data = number + pcapng.INTERFACE.size
        with mmap.mmap(
            self._descriptor, self._size, access=mmap.ACCESS_READ
        ) as source:
            batch = bytearray()
            for at in sorted(
                range(len(self._times)), key=self._times.__getitem__
            ):
                start = self._offsets[at]
                (length,) = pcapng.LENGTH.unpack_from(source, start)
                batch += source[start : start + number]
                batch += place[source[start + number : start + data]]
                batch += source[start + data : start + length]
                if len(batch) >= _BATCH:
                    _write(descriptor, batch)
                    batch.clear()
        _write(descriptor, batch + self._counted(order))

    def _append(self, data: bytes) -> None:
        if not data:
            # A file that was there is kept until there is something to write.
            return
        try:
            if not self._size:
                os.ftruncate(self._descriptor, 0)
            _write(self._descriptor, data)
        except OSError as error:
            self._cut_back()
            raise self._error(error) from None
        self._size += len(data)

    def _cut_back(self) -> None:
        """Let the file end with the last block that is there as a whole."""
        there = os.fstat(self._descriptor).st_size
        # That block ends where the next one would have begun.
        last = bisect.bisect_right(self._offsets, there) - 1
        if last >= 0 and self._offsets[last] > self._size:
            self._size = self._offsets[last]
        while self._offsets and self._offsets[-1] >= self._size:
            self._offsets.pop()
            self._times.pop()
        os.ftruncate(self._descriptor, self._size)
        os.lseek(self._descriptor, self._size, os.SEEK_SET)

    def _error(self, error: OSError) -> FileError:
        return FileError(f"cannot write {self._path}: {error.strerror}")

    def _unordered(self, error: OSError) -> FileError:
        return FileError(
            f"{self._path} has all packets, but host by host and not in the "
            f"order of time, which takes as much space once more: "
            f"{error.strerror}"
        )


def _write(descriptor: int, data: bytes | bytearray) -> None:
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            written += os.write(descriptor, view[written:])
