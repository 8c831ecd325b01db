# SPDX-License-Identifier: Apache-2.0
"""Asks many agents at once, each by one way after the other.

Every attempt has a daemonised thread of its own, and nobody ever waits for its
end: what hangs in a library, or in a kernel, is given up at its deadline and
cannot keep the process from ending.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterable
import itertools
import logging
import queue
import threading
import time
from typing import Any

import msgspec

from steth.controller import hold as hold_module
from steth.controller import interrupt as interrupt_module
from steth.controller import outcome
from steth.model import agent
from steth.rpc import errors

LOG = logging.getLogger(__name__)

#: How much longer than its own time-out an attempt may take, in seconds.
GRACE = 0.5

#: The errors after which another way may bring an answer.
_ANOTHER_WAY = {errors.ErrorCode.NO_ANSWER, errors.ErrorCode.REFUSED}


class NotDeliveredError(errors.OperationError):
    """The request certainly did not reach the agent."""

    def __init__(self, message: str) -> None:
        super().__init__(errors.ErrorCode.NO_ANSWER, message)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to ask an agent.

    ``name`` is what people call it ("bus", "9698"). ``run`` returns the
    reply or raises ``OperationError``; ``timeout`` is the seconds it may
    take. ``when_delivered`` tells whether it may be tried although an
    earlier way may have reached the agent already. ``hold`` is how it is
    held, where it takes long.
    """

    transport: agent.Transport
    name: str
    run: Callable[[], Any]
    timeout: float
    when_delivered: bool = True
    hold: hold_module.Hold | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A way that brought no answer, and why."""

    transport: agent.Transport
    name: str
    error: errors.OperationError


class Call(msgspec.Struct, kw_only=True, eq=False):
    """One agent to ask, and the ways to it, the preferred one first.

    ``failures`` are of the ways that need not be tried any more.
    """

    host: str
    ways: list[Way]
    started: float | None = None
    failures: list[Failure] = []


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome, and the ways that failed before it."""

    outcome: outcome.Outcome
    failures: tuple[Failure, ...]


class _Attempt(msgspec.Struct, frozen=True, kw_only=True):
    call: Call
    way: Way
    deadline: float


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """What ended: an attempt, or (without a number) a transport."""

    number: int | None = None
    data: Any = None
    error: errors.OperationError | None = None


class Dispatcher:
    """Carries out the calls of one round."""

    def __init__(
        self, concurrency: int, interrupt: interrupt_module.Interrupt
    ) -> None:
        self._concurrency = concurrency
        self._interrupt = interrupt
        self._inbox: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._numbers = itertools.count()
        self._waiting: collections.deque[Call] = collections.deque()
        self._running: dict[int, _Attempt] = {}
        self._settled: dict[str, Settled] = {}

    def run(self, calls: Iterable[Call]) -> dict[str, Settled]:
        """Ask all, and return what came of it for every host.

        Where it is interrupted, as by Ctrl-C, agents end what is held.
        """
        self._waiting.extend(calls)
        try:
            with self._interrupt.waking(lambda: self._inbox.put(_Event())):
                self._work()
        except BaseException:
            self._end_held()
            raise
        return self._settled

    def _work(self) -> None:
        while self._waiting or self._running:
            while self._waiting and len(self._running) < self._concurrency:
                self._start(self._waiting.popleft())
            if self._running:
                self._wait()

    def _end_held(self) -> None:
        """Tell all agents at once, and do not wait long for it."""
        tellers = [
            threading.Thread(target=hold.end, name="end-held", daemon=True)
            for one in self._running.values()
            if (hold := one.way.hold) is not None
        ]
        for teller in tellers:
            teller.start()
        deadline = time.monotonic() + hold_module.FAREWELL
        for teller in tellers:
            teller.join(max(0.0, deadline - time.monotonic()))

    def _start(self, call: Call) -> None:
        now = time.monotonic()
        if call.started is None:
            call.started = now
        if not call.ways:
            self._settle(call, None, error=summed_up(call.failures))
            return
        way = call.ways.pop(0)
        given_up = self._interrupt.reason(way.transport)
        if given_up is not None:
            self._failed(call, way, NotDeliveredError(given_up))
            return
        number = next(self._numbers)
        self._running[number] = _Attempt(
            call=call, way=way, deadline=now + way.timeout + GRACE
        )
        threading.Thread(
            target=_attempt,
            args=(number, way, self._inbox),
            name=f"ask-{call.host}-{way.name}",
            daemon=True,
        ).start()

    def _wait(self) -> None:
        deadline = min(one.deadline for one in self._running.values())
        left = max(deadline - time.monotonic(), 0.0)
        try:
            event = self._inbox.get(timeout=left)
        except queue.Empty:
            event = _Event()
        if event.number is None:
            self._give_up()
            return
        attempt = self._running.pop(event.number, None)
        if attempt is None:
            return  # given up before
        if event.error is None:
            self._settle(attempt.call, attempt.way, data=event.data)
        else:
            self._failed(attempt.call, attempt.way, event.error)

    def _give_up(self) -> None:
        """End what is late, and what waits for a transport that is gone."""
        now = time.monotonic()
        for number, attempt in list(self._running.items()):
            given_up = self._interrupt.reason(attempt.way.transport)
            if given_up is None and attempt.deadline > now:
                continue
            del self._running[number]
            if attempt.way.hold is not None:
                attempt.way.hold.let_go()
            said = given_up or f"timed out after {attempt.way.timeout:.1f} s"
            self._failed(
                attempt.call,
                attempt.way,
                errors.OperationError(errors.ErrorCode.NO_ANSWER, said),
            )

    def _failed(
        self, call: Call, way: Way, error: errors.OperationError
    ) -> None:
        if error.code not in _ANOTHER_WAY:
            # The agent answered: another way would bring the same.
            self._settle(call, way, error=error)
            return
        call.failures.append(
            Failure(transport=way.transport, name=way.name, error=error)
        )
        if not isinstance(error, NotDeliveredError):
            call.ways = [one for one in call.ways if one.when_delivered]
        self._waiting.appendleft(call)

    def _settle(
        self,
        call: Call,
        way: Way | None,
        *,
        data: Any = None,
        error: errors.OperationError | None = None,
    ) -> None:
        ended = time.monotonic()
        elapsed = ended - (call.started or 0.0)
        self._settled[call.host] = Settled(
            outcome=outcome.Outcome(
                host=call.host,
                data=data,
                error=error,
                transport=way.transport if way else None,
                elapsed=elapsed,
                ended=ended,
            ),
            failures=tuple(call.failures),
        )


def summed_up(failures: list[Failure]) -> errors.OperationError:
    """Return the one error that stands for all ways that failed."""
    tried = " or ".join(one.name for one in failures)
    if len(failures) == 1:
        why = failures[0].error.message
    else:
        why = "; ".join(f"{one.name}: {one.error.message}" for one in failures)
    refused = any(
        one.error.code is errors.ErrorCode.REFUSED for one in failures
    )
    return errors.OperationError(
        errors.ErrorCode.REFUSED if refused else errors.ErrorCode.NO_ANSWER,
        f"no answer on {tried}: {why}",
    )


def _attempt(
    number: int, way: Way, inbox: "queue.SimpleQueue[_Event]"
) -> None:
    try:
        event = _Event(number=number, data=way.run())
    except errors.OperationError as error:
        event = _Event(number=number, error=error)
    except Exception as error:
        # Nobody would see what ends a thread; here it becomes a row.
        LOG.debug("an attempt broke", exc_info=True)
        event = _Event(
            number=number,
            error=errors.OperationError(
                errors.ErrorCode.INTERNAL,
                f"{way.name}: the call broke ({type(error).__name__})",
            ),
        )
    inbox.put(event)
