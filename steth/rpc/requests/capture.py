# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations that capture packets."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base
from steth.rpc.requests import task

#: Ceilings of one capture on one host, whatever its caller asks for.
MAX_CAPTURE_SECONDS = 3660.0
MAX_CAPTURE_BYTES = 1 << 30
MAX_CAPTURED_PACKETS = 100_000_000
MAX_POINTS = 16
MAX_SNAPLEN = 262_144
#: Of what one reply carries, all points together.
MAX_PIECE_BYTES = 8 << 20

_MAX_FILTER = 8192

Offset = Annotated[int, msgspec.Meta(ge=0, le=2 * MAX_CAPTURE_BYTES)]


class CapturePoint(base.Request, frozen=True, kw_only=True):
    """A device, in the host's own network namespace or a named one.

    The device ``any`` stands for all of the namespace.
    """

    device: base.DeviceName
    netns: base.NamespaceName | None = None

    def __post_init__(self) -> None:
        if self.netns in {".", ".."}:
            raise ValueError(f"netns: {self.netns!r} names no namespace")


class CaptureStart(base.Request, frozen=True, kw_only=True):
    """Capture at some points of the host, as a task.

    Of each packet that the ``filter`` (see pcap-filter(7)) lets pass,
    ``snaplen`` bytes at most are kept. At each point it ends after
    ``packets``; of what goes beyond ``size`` bytes, only the number is kept.
    ``seconds`` and ``lease`` are in seconds; reading renews the lease.
    """

    points: Annotated[
        tuple[CapturePoint, ...],
        msgspec.Meta(min_length=1, max_length=MAX_POINTS),
    ]
    filter: Annotated[str, msgspec.Meta(max_length=_MAX_FILTER)] = ""
    snaplen: Annotated[int, msgspec.Meta(ge=14, le=MAX_SNAPLEN)] = MAX_SNAPLEN
    packets: (
        Annotated[int, msgspec.Meta(ge=1, le=MAX_CAPTURED_PACKETS)] | None
    ) = None
    size: Annotated[int, msgspec.Meta(ge=1 << 16, le=MAX_CAPTURE_BYTES)]
    seconds: Annotated[float, msgspec.Meta(gt=0, le=MAX_CAPTURE_SECONDS)]
    lease: task.Lease = 30.0

    def __post_init__(self) -> None:
        # A program's argument ends there.
        if "\0" in self.filter:
            raise ValueError("filter: a NUL character is in it")


class CaptureRead(base.Request, frozen=True, kw_only=True):
    """Return what was captured from the offsets on, one for each point.

    What comes before an offset is forgotten. Of all points together, at most
    ``limit`` bytes are returned. The task lives ``lease`` more seconds.
    """

    id: task.TaskId
    offsets: Annotated[
        tuple[Offset, ...], msgspec.Meta(min_length=1, max_length=MAX_POINTS)
    ]
    limit: Annotated[int, msgspec.Meta(ge=0, le=MAX_PIECE_BYTES)]
    lease: task.Lease = 30.0


class CaptureEnd(base.Request, frozen=True, kw_only=True):
    """Capture no more; what was captured can still be read."""

    id: task.TaskId
    lease: task.Lease = 30.0
