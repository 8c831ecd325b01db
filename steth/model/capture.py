# SPDX-License-Identifier: Apache-2.0
"""What hosts capture.

A capture is one task of an agent, at one point of the host or several. Their
replies name the points by the order in which they were asked for. What was
captured at a point is a stream of bytes, a pcap file as tcpdump writes it.
"""

import msgspec

from steth.model import task


class CaptureStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``capture.start``.

    ``errors`` says for each point why nothing is captured there, ``None``
    where all is well. Without any that is, there is no task.
    """

    task: task.TaskInfo | None
    errors: tuple[str | None, ...]


class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """What tcpdump counts of a point; it tells when it has ended.

    ``received`` passed the filter. ``dropped`` of these found no room in the
    kernel's buffer; ``interface_dropped`` were lost by the device or its
    driver before that.
    """

    received: int
    dropped: int
    interface_dropped: int = 0


class CapturePiece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what was captured at a point.

    ``data`` begins at ``offset`` of the stream; ``pending`` bytes of it wait
    behind, in the memory of the agent. ``packets`` are those captured so
    far, ``lost`` and ``lost_bytes`` those that came when a bound was reached
    and are not in the stream; ``bound`` says which. With ``ended`` no more
    comes than what is pending; ``error`` says why, where it was not asked to.
    """

    offset: int
    data: bytes = b""
    pending: int = 0
    packets: int = 0
    lost: int = 0
    lost_bytes: int = 0
    bound: str | None = None
    ended: bool = False
    error: str | None = None
    kernel: Kernel | None = None


class CaptureData(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``capture.read`` and ``capture.end``, a piece a point."""

    pieces: tuple[CapturePiece, ...]
