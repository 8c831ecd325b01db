# SPDX-License-Identifier: Apache-2.0
"""One tcpdump: started with privileges, read without."""

from collections.abc import Callable
import contextlib
import fcntl
import os
import secrets
import select
import socket
import struct
import threading
from typing import Any

import msgspec
from oslo_privsep import comm
from oslo_privsep import daemon

from steth.agent.capture import spool
from steth.agent.capture import tcpdump
from steth.agent.privileged import capture as privileged_capture
from steth.model import capture
from steth.rpc import errors
from steth.rpc import requests

#: How it ends without the privilege, see ``steth.agent.probe.icmp``.
_NOT_ALLOWED = (
    PermissionError,
    FileNotFoundError,
    comm.PrivsepTimeout,
    daemon.FailedToDropPrivileges,
)
#: Seconds until tcpdump listens; it may look up names before.
_PATIENCE = 8.0
#: Seconds that the pipes may take to be delivered, and to be read empty.
_DELIVERY = 5.0
#: The kernel hands packets over by blocks, one that is not full after a
#: second (the time-out that tcpdump gives to libpcap); tcpdump does not take
#: what is in that block when it is told to end.
LINGER = 1.2
_EMPTYING = 3.0
_CHUNK = 1 << 20
#: What of its messages is kept.
_MAX_SAID = 16_384
_PEER = struct.Struct("=iII")


class Point:
    """A point where packets are captured.

    :param index: which of the request's points
    :param room: the memory for what is captured
    """

    def __init__(
        self, request: requests.CaptureStart, index: int, room: spool.Room
    ) -> None:
        self._request = request
        self._index = index
        self._point = request.points[index]
        self._spool = spool.Spool(request.size, room)
        self._said = ""
        self._problem: str | None = None
        self._listens = threading.Event()
        self._asked = False
        self._pid = 0
        self._taken = 0
        self._reader: threading.Thread | None = None

    def begin(self) -> str | None:
        """Start to capture.

        :returns: why it is not, ``None`` when it is
        """
        try:
            output, said = self._start()
        except errors.OperationError as error:
            if self._pid:
                self.end()
            return error.message
        self._reader = threading.Thread(
            target=self._read, args=(output, said), name="capture", daemon=True
        )
        self._reader.start()
        if not self._listens.wait(_PATIENCE):
            self._problem = f"tcpdump does not listen after {_PATIENCE:.0f} s"
        if self._problem is None:
            return None
        self.end()
        return self._problem

    def end(self, linger: float = 0.0) -> None:
        """Capture no more; what was captured can still be read.

        :param linger: seconds to go on for, ``LINGER`` for all that has
            arrived by now
        """
        if self._reader is not None:
            self._reader.join(linger)
        self._asked = True
        if self._pid:
            _privileged(lambda: privileged_capture.end(self._pid))
        if self._reader is not None:
            self._reader.join(_EMPTYING)

    def read(self, offset: int, limit: int) -> capture.CapturePiece:
        """Return a part of what was captured.

        :raises ValueError: see ``Spool.read``
        """
        # Looked at first: what comes in between is told the next time.
        ended = self._reader is None or not self._reader.is_alive()
        piece = self._spool.read(offset, limit)
        return msgspec.structs.replace(
            piece,
            ended=ended,
            error=self._problem,
            kernel=tcpdump.counts(self._said) if ended else None,
        )

    def _start(self) -> tuple[int, int]:
        """Start tcpdump; return the ends of its pipes that are read."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            address = b"\0steth-capture-" + secrets.token_hex(16).encode()
            door.bind(address)
            door.listen()
            door.settimeout(_DELIVERY)
            self._pid, starter = _privileged(
                lambda: privileged_capture.start(
                    msgspec.to_builtins(self._request), self._index, address
                )
            )
            if not self._pid:
                raise errors.OperationError(
                    errors.ErrorCode.BUSY,
                    f"{privileged_capture.MAX_PROGRAMS} captures are "
                    "running, as many as the agent allows",
                )
            return _delivered(door, starter)

    def _read(self, output: int, said: int) -> None:
        """Take what tcpdump writes until it has ended."""
        # Without that much room tcpdump waits for us more often.
        with contextlib.suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, _CHUNK)
        poll = select.poll()
        for one in (output, said):
            poll.register(one, select.POLLIN)
        left = 2
        while left:
            for descriptor, _ in poll.poll():
                data = os.read(descriptor, _CHUNK)
                if not data:
                    poll.unregister(descriptor)
                    os.close(descriptor)
                    left -= 1
                elif descriptor == output:
                    self._take(data)
                else:
                    self._hear(data)
        self._finish()

    def _take(self, data: bytes) -> None:
        try:
            self._taken += self._spool.add(data)
        except ValueError as error:
            self._problem = f"tcpdump's output is not understood: {error}"

    def _hear(self, data: bytes) -> None:
        self._said = (self._said + data.decode(errors="replace"))[-_MAX_SAID:]
        device = tcpdump.listening_on(self._said)
        if device is None or self._listens.is_set():
            return
        if device != self._point.device:
            # It takes a number for the place in a list of its own.
            self._problem = (
                f"tcpdump would listen on {device} instead of "
                f"{self._point.device}"
            )
        self._listens.set()

    def _finish(self) -> None:
        """Say why it has ended, unless that was asked for."""
        if self._problem is None and not self._was_to_end():
            self._problem = tcpdump.complaint(self._said) or "tcpdump ended"
        self._listens.set()

    def _was_to_end(self) -> bool:
        if not self._listens.is_set():
            return False
        told = tcpdump.counts(self._said) is not None
        wanted = self._request.packets
        return told and (
            self._asked or (wanted is not None and self._taken >= wanted)
        )


def _delivered(door: socket.socket, starter: int) -> tuple[int, int]:
    """Return what the privileged process delivers, and nobody else."""
    try:
        while True:
            peer, _ = door.accept()
            with peer:
                credentials = peer.getsockopt(
                    socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size
                )
                if _PEER.unpack(credentials)[0] != starter:
                    continue
                _, descriptors, _, _ = socket.recv_fds(peer, 1, 2)
                output, said = descriptors
                return output, said
    except (OSError, ValueError) as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED, f"tcpdump's output did not come: {error}"
        ) from None


def _privileged(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except _NOT_ALLOWED as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"the agent may not start tcpdump: {error}; it has to run as "
            "root, or [steth_capture] helper_command has to be able to start "
            "privsep-helper",
        ) from error
    except OSError as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED,
            f"tcpdump was not started: {error.strerror or error}",
        ) from error
