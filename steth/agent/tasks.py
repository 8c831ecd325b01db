# SPDX-License-Identifier: Apache-2.0
"""What outlives the call that started it, and how it ends all the same.

A task holds a lease. It is undone once: when its caller says so, when the
lease ends because nobody renewed it, or when the agent stops. Where that
fails it is a task still, and is undone again until that succeeds. What must
not survive an agent that is killed has to see to that itself, as the programs
of :mod:`steth.agent.programs` do.
"""

from collections.abc import Callable
import datetime
import threading
import time
import uuid

import msgspec
from oslo_log import log

from steth.model import task as task_model
from steth.rpc import errors
from steth.rpc import requests

LOG = log.getLogger(__name__)

#: Takes back what a task has done.
Undo = Callable[[], None]

#: How many tasks an agent has at most.
MAX_TASKS = 64

#: Seconds until what could not be undone is tried again: twice as many each
#: time, up to the second.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class _Task(msgspec.Struct, kw_only=True, eq=False):
    """``undo`` is None as long as the task is being started.

    ``pause`` is that until it is tried again to undo it.
    """

    id: str
    kind: str
    detail: str
    started_at: datetime.datetime
    expiry: float
    undo: Undo | None = None
    pause: float = _FIRST_PAUSE


class Registry:
    """The tasks of an agent.

    :param limit: how many there may be at once
    :param clock: a clock that only goes forward, in seconds
    """

    def __init__(
        self,
        limit: int = MAX_TASKS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._tasks: dict[str, _Task] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._watching = False

    def start(
        self,
        kind: str,
        detail: str,
        lease: float,
        begin: Callable[[str], Undo],
        task_id: str | None = None,
    ) -> task_model.TaskInfo:
        """Start a task.

        :param kind: the operation that starts it
        :param detail: what it is about, for people
        :param lease: seconds until it is undone, unless renewed; they run
            from when it has begun
        :param begin: does what the task is for, given the task's id, and
            returns what takes that back
        :param task_id: the id, where the caller chooses it
        :raises errors.OperationError: ``busy`` when there are too many,
            ``bad-argument`` when the id is taken, and whatever ``begin``
            raises
        """
        task = self._reserve(kind, detail, lease, task_id or uuid.uuid4().hex)
        try:
            undo = begin(task.id)
        except BaseException:
            self.ended(task.id)
            raise
        with self._changed:
            if task.id in self._tasks:
                task.undo = undo
                task.expiry = self._clock() + lease
                self._watch()
                return self._describe(task)
            ended_already = not self._stopped
        if ended_already:
            return self._describe(task)
        _take_back(task, undo, "the agent stops")
        raise _stopping()

    def _reserve(
        self, kind: str, detail: str, lease: float, task_id: str
    ) -> _Task:
        with self._changed:
            if self._stopped:
                raise _stopping()
            if len(self._tasks) >= self._limit:
                raise errors.OperationError(
                    errors.ErrorCode.BUSY,
                    f"{self._limit} tasks are held by this agent, as many "
                    "as it allows; stop one, or wait for a lease to end",
                )
            if task_id in self._tasks:
                raise errors.OperationError(
                    errors.ErrorCode.BAD_ARGUMENT,
                    f"id: there is a task {task_id} already",
                    "id",
                )
            task = _Task(
                id=task_id,
                kind=kind,
                detail=detail,
                started_at=datetime.datetime.now(datetime.UTC),
                expiry=self._clock() + lease,
            )
            self._tasks[task.id] = task
            return task

    def list(self) -> task_model.TaskList:
        """Return all tasks, the oldest first."""
        with self._changed:
            return task_model.TaskList(
                tasks=tuple(map(self._describe, self._tasks.values()))
            )

    def renew(self, request: requests.TaskRenew) -> task_model.TaskInfo:
        """Let a lease end later.

        :raises errors.OperationError: when there is no such task (any more)
        """
        with self._changed:
            task = self._tasks.get(request.id)
            if task is None:
                raise _unknown(request.id)
            task.expiry = self._clock() + request.lease
            self._changed.notify()
            return self._describe(task)

    def stop(self, request: requests.TaskStop) -> task_model.TaskInfo:
        """Undo a task.

        :raises errors.OperationError: when there is no such task (any more)
        """
        with self._changed:
            task = self._tasks.get(request.id)
            if task is None or task.undo is None:
                raise _unknown(request.id)
            del self._tasks[task.id]
            undo, described = task.undo, self._describe(task)
        if not _take_back(task, undo, "its caller says so"):
            self._keep(task)
        return described

    def ended(self, task_id: str) -> None:
        """Forget a task that has come to its end by itself."""
        with self._changed:
            self._tasks.pop(task_id, None)

    def expire(self) -> float | None:
        """Undo the tasks whose lease has ended.

        :returns: the seconds until the next lease ends, ``None`` when there
            is no task
        """
        while True:
            with self._changed:
                begun = [one for one in self._tasks.values() if one.undo]
                if not begun:
                    return None
                task = min(begun, key=lambda one: one.expiry)
                remaining = task.expiry - self._clock()
                if remaining > 0:
                    return remaining
                del self._tasks[task.id]
            if task.undo is not None and not _take_back(
                task, task.undo, "its lease has ended"
            ):
                self._keep(task)

    def close(self) -> None:
        """Undo all tasks; no other is started after."""
        with self._changed:
            self._stopped = True
            tasks = list(self._tasks.values())
            self._tasks.clear()
            self._changed.notify()
        for task in tasks:
            # Who is just starting one finds that the agent stops.
            if task.undo is not None:
                _take_back(task, task.undo, "the agent stops")

    def _keep(self, task: _Task) -> None:
        """Take a task back that could not be undone, to try it again."""
        with self._changed:
            if self._stopped:
                return
            task.expiry = self._clock() + task.pause
            task.pause = min(2 * task.pause, _LONGEST_PAUSE)
            self._tasks[task.id] = task
            self._watch()

    def _describe(self, task: _Task) -> task_model.TaskInfo:
        remaining = max(0.0, task.expiry - self._clock())
        now = datetime.datetime.now(datetime.UTC)
        end = now + datetime.timedelta(seconds=remaining)
        return task_model.TaskInfo(
            id=task.id,
            kind=task.kind,
            detail=task.detail,
            started_at=task.started_at.isoformat(timespec="milliseconds"),
            lease_end=end.isoformat(timespec="milliseconds"),
            remaining=round(remaining, 3),
        )

    def _watch(self) -> None:
        """See to it that leases end; called with the lock held."""
        if not self._watching:
            self._watching = True
            threading.Thread(
                target=self._end_leases, name="leases", daemon=True
            ).start()
        self._changed.notify()

    def _end_leases(self) -> None:
        while not self._stopped:
            self.expire()
            with self._changed:
                # What changed since is seen here: a change needs the lock.
                if not self._stopped:
                    self._changed.wait(self._until_next())

    def _until_next(self) -> float | None:
        """Return the seconds until the next lease ends, with the lock."""
        ends = [one.expiry for one in self._tasks.values() if one.undo]
        return max(0.0, min(ends) - self._clock()) if ends else None


def _take_back(task: _Task, undo: Undo, why: str) -> bool:
    """Undo a task; return whether that succeeded."""
    LOG.info("Ending %s (%s): %s", task.kind, task.detail, why)
    try:
        undo()
    except Exception:  # The other tasks have to end all the same.
        LOG.exception("%s (%s) could not be undone", task.kind, task.detail)
        return False
    return True


def _unknown(task_id: str) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BAD_ARGUMENT,
        f"id: there is no task {task_id}, or no longer: its lease has ended, "
        "it has come to its end, or the agent was started anew",
        "id",
    )


def _stopping() -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BUSY, "the agent is stopping"
    )
