# SPDX-License-Identifier: Apache-2.0
"""``capture.start``, ``capture.read`` and ``capture.end``."""

from concurrent import futures
import threading

from steth.agent import programs
from steth.agent import tasks
from steth.agent.capture import point
from steth.agent.capture import spool
from steth.agent.capture import tcpdump
from steth.model import capture
from steth.model import task
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: How many captures an agent has at once, and the memory of each for what
#: was not fetched yet.
MAX_CAPTURES = 4
MEMORY = 64 << 20


class Captures:
    """The captures of an agent; each is a task.

    :param registry: holds the tasks
    """

    def __init__(self, registry: tasks.Registry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._running: dict[str, _Capture] = {}

    def start(self, request: requests.CaptureStart) -> capture.CaptureStarted:
        """Start to capture at all points where that is possible.

        :raises errors.OperationError: ``missing`` without tcpdump, ``busy``
            when too many captures are running
        """
        programs.find(tcpdump.PROGRAM)
        new = _Capture(request)
        info = self._registry.start(
            contract.CAPTURE_START.name,
            "tcpdump on " + ", ".join(map(_name, request.points)),
            request.lease,
            lambda task_id: self._begin(task_id, new),
        )
        if all(one is not None for one in new.errors):
            self._registry.stop(requests.TaskStop(id=info.id))
            return capture.CaptureStarted(task=None, errors=new.errors)
        return capture.CaptureStarted(task=info, errors=new.errors)

    def read(self, request: requests.CaptureRead) -> capture.CaptureData:
        """Return what was captured; the task lives on.

        :raises errors.OperationError: ``bad-argument``, when there is no
            such capture (any more), or nothing at an offset
        """
        return self._found(request.id, request.lease).read(request)

    def end(self, request: requests.CaptureEnd) -> task.TaskInfo:
        """Capture no more; what was captured can still be read.

        :raises errors.OperationError: ``bad-argument``, when there is no
            such capture (any more)
        """
        self._found(request.id, request.lease).end()
        return self._registry.renew(
            requests.TaskRenew(id=request.id, lease=request.lease)
        )

    def _begin(self, task_id: str, new: "_Capture") -> tasks.Undo:
        with self._lock:
            if len(self._running) >= MAX_CAPTURES:
                raise errors.OperationError(
                    errors.ErrorCode.BUSY,
                    f"{MAX_CAPTURES} captures are running on this host, as "
                    "many as its agent allows; wait for one to end",
                )
            self._running[task_id] = new

        def undo() -> None:
            with self._lock:
                self._running.pop(task_id, None)
            new.end(linger=0.0)

        try:
            new.begin()
        except BaseException:
            undo()
            raise
        return undo

    def _found(self, task_id: str, lease: float) -> "_Capture":
        self._registry.renew(requests.TaskRenew(id=task_id, lease=lease))
        with self._lock:
            found = self._running.get(task_id)
        if found is None:
            raise errors.OperationError(
                errors.ErrorCode.BAD_ARGUMENT,
                f"id: task {task_id} is not a capture",
                "id",
            )
        return found


class _Capture:
    """The points that are captured at together."""

    def __init__(self, request: requests.CaptureStart) -> None:
        self._seconds = request.seconds
        room = spool.Room(MEMORY)
        self._points = [
            point.Point(request, index, room)
            for index in range(len(request.points))
        ]
        self._timer: threading.Timer | None = None
        #: Why nothing is captured, for each point.
        self.errors: tuple[str | None, ...] = ()

    def begin(self) -> None:
        """Start at all points at once, and end when the time is over."""
        with futures.ThreadPoolExecutor(len(self._points)) as pool:
            self.errors = tuple(pool.map(point.Point.begin, self._points))
        self._timer = threading.Timer(self._seconds, self.end)
        self._timer.daemon = True
        self._timer.start()

    def end(self, linger: float = point.LINGER) -> None:
        """End at all points at once, see ``Point.end``."""
        if self._timer is not None:
            self._timer.cancel()
        with futures.ThreadPoolExecutor(len(self._points)) as pool:
            for one in self._points:
                pool.submit(one.end, linger)

    def read(self, request: requests.CaptureRead) -> capture.CaptureData:
        """Return a piece of each point."""
        if len(request.offsets) != len(self._points):
            raise errors.OperationError(
                errors.ErrorCode.BAD_ARGUMENT,
                f"offsets: {len(request.offsets)} for {len(self._points)} "
                "points",
                "offsets",
            )
        left = request.limit
        pieces = []
        for one, offset in zip(self._points, request.offsets, strict=True):
            try:
                piece = one.read(offset, left)
            except ValueError as error:
                raise errors.OperationError(
                    errors.ErrorCode.BAD_ARGUMENT,
                    f"offsets: {error}",
                    "offsets",
                ) from None
            left -= len(piece.data)
            pieces.append(piece)
        return capture.CaptureData(pieces=tuple(pieces))


def _name(one: requests.CapturePoint) -> str:
    return f"{one.device}@{one.netns}" if one.netns else one.device
