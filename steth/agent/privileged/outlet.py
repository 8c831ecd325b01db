# SPDX-License-Identifier: Apache-2.0
"""Sending frames at a pace, by an interface that may be slow to take them.

A packet socket lets its sender wait, without end, while as many of its frames
as SO_SNDBUF allows are in the queue of the interface, see socket(7): a
traffic shaper lets them go at its own pace, and one that stands still never.
"""

from collections.abc import Iterable
import socket
import struct
import time
from types import TracebackType
from typing import NamedTuple
from typing import Self

#: Seconds after which a call begins no other frame.
MAX_SECONDS = 1.0
#: Seconds that the queue has to make room for a frame, so that a call is over
#: soon in any case. The slowest of links passes a frame on in that time.
_ROOM = 0.2
_CATCH_UP = 0.02
_NO_ROOM = "no room in its queue"

_TIMEVAL = struct.Struct("@ll")


class Progress(NamedTuple):
    """How far it has come: ``done`` frames, of which some were ``refused``.

    ``reason`` says why the kernel did not take the last of these, or the
    one that would be next.
    """

    done: int
    refused: int
    reason: str | None


class Outlet:
    """An interface to send by; nothing is received.

    ``mac`` is its hardware address.

    :raises OSError: there is no such interface
    """

    def __init__(self, interface: str) -> None:
        # Of protocol 0 nothing is received.
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0
        )
        try:
            self._socket.bind((interface, 0))
            self._socket.setsockopt(
                socket.SOL_SOCKET,
                socket.SO_SNDTIMEO,
                _TIMEVAL.pack(0, round(_ROOM * 1_000_000)),
            )
        except BaseException:
            self._socket.close()
            raise
        self.mac: bytes = self._socket.getsockname()[4]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, frames: Iterable[bytes], interval: float) -> Progress:
        """Send frames, so many seconds apart.

        It ends before the last one when there is no room for a frame, or the
        time of a call is over: then it is the caller's to go on with what is
        left, or not to.
        """
        done, refused, reason = 0, 0, None
        due = began = time.monotonic()
        for frame in frames:
            now = time.monotonic()
            if now - began > MAX_SECONDS:
                break
            if now < due:
                time.sleep(due - now)
            # No burst follows a stall.
            due = max(due, now - _CATCH_UP) + interval
            try:
                self._socket.send(frame)
            except BlockingIOError:
                reason = _NO_ROOM
                break
            except OSError as error:
                refused += 1
                reason = error.strerror
            done += 1
        return Progress(done, refused, reason)
