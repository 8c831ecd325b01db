# SPDX-License-Identifier: Apache-2.0
"""What comes from one point, on its way into the file."""

import msgspec

from steth.controller import clock
from steth.controller.capture import file
from steth.controller.capture import pcapng
from steth.controller.capture import points
from steth.model import capture
from steth.model import pcap

_NANOSECONDS = 1_000_000_000


class Stream:
    """One point's packets; their times are those of the agreed clock.

    :param filter_: what the packets passed
    :param reading: the host's clock against the agreed one, ``None`` where
        it is not known
    """

    def __init__(
        self,
        point: points.Point,
        filter_: str,
        reading: clock.Reading | None,
        target: file.CaptureFile,
    ) -> None:
        self.point = point
        self.clock = reading
        self.offset = 0
        self.packets = 0
        self.bytes = 0
        self.last = capture.CapturePiece(offset=0)
        #: Why there is nothing, or no more.
        self.error: str | None = None
        #: Its interface's number in the file.
        self.number: int | None = None
        self._filter = filter_
        self._target = target
        self._header: pcap.Header | None = None
        self._partial = bytearray()
        self._ahead = _correction(reading)

    @property
    def is_complete(self) -> bool:
        """Whether nothing more will come."""
        return self.error is not None or (
            self.last.ended and not self.last.pending
        )

    def take(self, piece: capture.CapturePiece) -> None:
        """Write what came.

        :raises file.FileError: it could not be written
        """
        if piece.offset != self.offset:
            # The answer to a question that was asked again.
            return
        self.last = piece
        self.offset += len(piece.data)
        self._partial += piece.data
        try:
            self._write()
        except ValueError as error:
            self.error = f"what its agent sends is not understood: {error}"
        except file.FileError:
            self.error = "not all of it could be written"
            raise

    def finish(self, started: int, ended: int) -> None:
        """Say in the file what was counted.

        :param started: when it began, in nanoseconds since the epoch
        :param ended: when it ended
        """
        if self.number is None:
            return
        counted = pcapng.Statistics(
            started=started,
            ended=ended,
            delivered=self.packets,
            comment=self.remark or "",
        )
        kernel = self.last.kernel
        if kernel is not None:
            counted = msgspec.structs.replace(
                counted,
                received=kernel.received,
                dropped=kernel.dropped,
                interface_dropped=kernel.interface_dropped,
            )
        self._target.add_statistics(self.number, counted)

    @property
    def remark(self) -> str | None:
        """What is missing, in words."""
        said = []
        if self.error or self.last.error:
            said.append(self.error or self.last.error or "")
        if self.last.lost:
            bound = (
                "what was to be kept of it (--size)"
                if self.last.bound == "size"
                else "the agent's memory, faster than it was fetched"
            )
            said.append(
                f"{self.last.lost} packets ({self.last.lost_bytes} bytes) "
                f"went beyond {bound}"
            )
        kernel = self.last.kernel
        if kernel and kernel.dropped:
            said.append(f"the kernel dropped {kernel.dropped} packets")
        if kernel and kernel.interface_dropped:
            said.append(
                f"the interface dropped {kernel.interface_dropped} packets"
            )
        return "; ".join(said) or None

    def _write(self) -> None:
        """Pass on what has come as a whole."""
        if self._header is None:
            if len(self._partial) < pcap.HEADER_BYTES:
                return
            self._header = pcap.header(self._partial)
            del self._partial[: pcap.HEADER_BYTES]
        if self.number is None:
            self.number = self._target.add_interface(
                pcapng.Interface(
                    name=self.point.name,
                    description=self._description(),
                    link_type=self._header.link_type,
                    snaplen=self._header.snaplen,
                    filter=self._filter,
                )
            )
        whole = list(pcap.records(self._header, self._partial))
        if not whole:
            return
        before = self._target.packets
        try:
            self._target.add_packets(
                self.number,
                (
                    (
                        one.time - self._ahead,
                        self._partial[one.start : one.end],
                        one.length,
                    )
                    for one in whole
                ),
            )
        finally:
            # Of a full disk, those that are there.
            written = whole[: self._target.packets - before]
            self.packets += len(written)
            self.bytes += sum(one.end - one.start for one in written)
        del self._partial[: whole[-1].end]

    def _description(self) -> str:
        where = f"{self.point.device} on {self.point.host}"
        if self.point.netns:
            where += f" in network namespace {self.point.netns}"
        if self.clock is None:
            return f"{where}; its clock was not compared"
        if not self._ahead:
            return f"{where}; its clock agrees within " + _milliseconds(
                max(self.clock.error, abs(self.clock.offset))
            )
        return (
            f"{where}; its clock was {_milliseconds(abs(self.clock.offset))} "
            f"{'ahead' if self._ahead > 0 else 'behind'} and is corrected, "
            f"within {_milliseconds(self.clock.error)}"
        )


def _correction(reading: clock.Reading | None) -> int:
    """Return how far ahead a clock is, in nanoseconds.

    Within the error of the measurement, a clock is better left alone: hosts
    that ask the same time servers agree better than that.
    """
    if reading is None or abs(reading.offset) <= reading.error:
        return 0
    return round(reading.offset * _NANOSECONDS)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"
