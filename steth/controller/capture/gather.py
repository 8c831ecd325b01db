# SPDX-License-Identifier: Apache-2.0
"""Captures at many points of many hosts, into one file.

What is captured stays with the agents as long as there is room: fetched
earlier, it would be captured itself where the way to the agents is captured
too, and once more in turn.
"""

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Mapping
import threading
import time
from typing import Protocol

import msgspec

from steth.controller import clock
from steth.controller import outcome
from steth.controller.capture import file
from steth.controller.capture import points
from steth.controller.capture import stream
from steth.model import agent
from steth.model import capture
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: Seconds between two looks at the agents.
_INTERVAL = 0.5
#: Seconds that the agents go on without being told to end.
_SLACK = 15.0
#: How long an agent takes to start tcpdump and to end it, in seconds.
_STARTING = 9.0
_ENDING = 7.0
#: What it takes at most to connect to a listener, and some time to spare.
_CONNECTING = 6.0
#: Rounds in which the clocks are read; the fastest answer counts.
_ROUNDS = 8
#: From how many bytes on, waiting on a host, they are fetched at once.
_PENDING = 8 << 20
#: Bytes in one reply, by transport.
_LIMITS = {
    agent.Transport.DIRECT: 8 << 20,
    agent.Transport.BUS: 512 << 10,
}
#: Replies in a row that may stay away.
_PATIENCE = 3


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to capture; ``size`` is in bytes, for each point.

    The agents go on for ``lease`` seconds without us; see ``least_lease``.
    """

    points: tuple[points.Point, ...]
    filter: str = ""
    seconds: float
    snaplen: int = requests.MAX_SNAPLEN
    packets: int | None = None
    size: int
    lease: float = 20.0


def least_lease(timeout: float) -> float:
    """Return how long one that does not answer can keep us from the others.

    Once on the bus and once on 9698, where it has to be connected to before.

    :param timeout: seconds that a reply is waited for
    """
    return 2 * (timeout + _ENDING) + _CONNECTING


class Fleet(Protocol):
    """The agents, as ``steth.controller.fleet.Fleet`` asks them."""

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
        only: agent.Transport | None = None,
        again: bool = False,
    ) -> Mapping[str, outcome.Outcome]:
        """Ask several agents at once, each its own request."""


class _Host:
    """One agent and its points."""

    def __init__(self, streams: list[stream.Stream]) -> None:
        self.streams = streams
        #: Empty where nothing is captured.
        self.task = ""
        self.started = 0
        self.failures = 0

    @property
    def is_complete(self) -> bool:
        return all(one.is_complete for one in self.streams)

    @property
    def pending(self) -> int:
        return sum(
            one.last.pending for one in self.streams if not one.is_complete
        )

    def fail(self, reason: str) -> None:
        """Give up what has not come yet."""
        for one in self.streams:
            if not one.is_complete:
                one.error = reason


class Gathering:
    """One capture.

    :param target: takes the packets
    :param progress: takes a short sentence for the user who waits
    :param stopped: set when the user wants it to end
    """

    def __init__(
        self,
        fleet: Fleet,
        wanted: Wanted,
        target: file.CaptureFile,
        progress: Callable[[str], None],
        stopped: threading.Event,
    ) -> None:
        self._fleet = fleet
        self._wanted = wanted
        self._target = target
        self._progress = progress
        self._stopped = stopped
        self._direct: set[str] = set()
        self._hosts: dict[str, _Host] = {}
        #: The points in the order in which they were asked for.
        self.streams: list[stream.Stream] = []

    def run(self) -> None:
        """Capture, fetch all, and bring it into order.

        :raises file.FileError: it could not be written; all has ended
        """
        self._progress("comparing clocks")
        self._prepare(self._read_clocks())
        self._progress("starting")
        self._start()
        try:
            self._wait()
            self._end()
            self._drain()
        except file.FileError:
            for about in self._hosts.values():
                about.fail("not fetched, since the file could not be written")
            raise
        finally:
            self._stop()
        self._finish()

    def _ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        seconds: float = 0.0,
    ) -> dict[str, outcome.Outcome]:
        """Ask over the listeners those that were reached there."""
        outcomes: dict[str, outcome.Outcome] = {}
        for only in (agent.Transport.DIRECT, None):
            part = {
                host: request
                for host, request in asked.items()
                if (host in self._direct) is (only is not None)
            }
            if part:
                outcomes |= self._fleet.ask(
                    operation, part, seconds=seconds, only=only, again=True
                )
        for host, one in outcomes.items():
            if one.transport is None:
                self._direct.discard(host)
        return outcomes

    def _read_clocks(self) -> dict[str, clock.Reading]:
        """Compare the clocks, and see which listeners can be reached."""
        hosts = dict.fromkeys(one.host for one in self._wanted.points)
        asked = dict.fromkeys(hosts, requests.InspectAgent())
        first = self._fleet.ask(
            contract.INSPECT_AGENT,
            asked,
            seconds=0.0,
            only=agent.Transport.DIRECT,
        )
        # By its configured address another host may have been reached.
        first = {
            host: one
            for host, one in first.items()
            if one.error is None and one.data.host == host
        }
        self._direct = set(first)
        # The bus first: its round trip has no connection to make before.
        rounds: list[Mapping[str, outcome.Outcome]] = [first]
        rounds += [
            self._fleet.ask(contract.INSPECT_AGENT, asked, seconds=0.0)
            for _ in range(_ROUNDS)
        ]
        measured = clock.readings(rounds)
        if 2 * len(clock.agreeing(measured)) <= len(measured):
            # No majority: the clock of this machine has a say.
            measured[""] = clock.Reading(
                offset=time.time() - time.monotonic(), error=0.0
            )
        return clock.relative(measured)

    def _prepare(self, clocks: Mapping[str, clock.Reading]) -> None:
        for point in self._wanted.points:
            new = stream.Stream(
                point,
                self._wanted.filter,
                clocks.get(point.host),
                self._target,
            )
            self.streams.append(new)
            self._hosts.setdefault(point.host, _Host([])).streams.append(new)

    def _start(self) -> None:
        wanted = self._wanted
        outcomes = self._ask(
            contract.CAPTURE_START,
            {
                host: requests.CaptureStart(
                    points=tuple(one.point.request for one in about.streams),
                    filter=wanted.filter,
                    snaplen=wanted.snaplen,
                    packets=wanted.packets,
                    size=wanted.size,
                    seconds=wanted.seconds + _SLACK,
                    lease=self._wanted.lease,
                )
                for host, about in self._hosts.items()
            },
            _STARTING,
        )
        now = time.time_ns()
        for host, one in outcomes.items():
            about = self._hosts[host]
            about.started = now
            if one.error is not None:
                about.fail(one.error.message)
                continue
            started: capture.CaptureStarted = one.data
            if started.task is not None:
                about.task = started.task.id
            for each, error in zip(about.streams, started.errors, strict=True):
                each.error = error

    def _wait(self) -> None:
        """Look after the captures until their time is over."""
        began = time.monotonic()
        while self._is_running() and not self._stopped.is_set():
            left = self._wanted.seconds - (time.monotonic() - began)
            if left <= 0:
                return
            self._tell(f"{left:.0f} s left")
            full = {
                host
                for host, about in self._active().items()
                if about.pending >= _PENDING
            }
            self._read(full)
            if not full:
                self._stopped.wait(min(_INTERVAL, left))

    def _end(self) -> None:
        """Have all that go on end; nothing happens when there are none."""
        outcomes = self._ask(
            contract.CAPTURE_END,
            {
                host: requests.CaptureEnd(
                    id=about.task, lease=self._wanted.lease
                )
                for host, about in self._active().items()
            },
            _ENDING,
        )
        for host, one in outcomes.items():
            self._judge(host, one)

    def _drain(self) -> None:
        """Fetch what is left."""
        while active := self._active():
            self._tell("fetching")
            self._read(active)
            if not any(one.pending for one in active.values()):
                # Some have not ended, and perhaps not heard it.
                self._end()

    def _is_running(self) -> bool:
        return any(
            one.error is None and not one.last.ended for one in self.streams
        )

    def _active(self) -> dict[str, _Host]:
        return {
            host: about
            for host, about in self._hosts.items()
            if about.task and not about.is_complete
        }

    def _read(self, fetched: Container[str]) -> None:
        """Ask all agents how much there is, and some hosts' for it.

        :param fetched: those hosts
        """
        asked = {}
        for host, about in self._active().items():
            way = (
                agent.Transport.DIRECT
                if host in self._direct
                else agent.Transport.BUS
            )
            asked[host] = requests.CaptureRead(
                id=about.task,
                offsets=tuple(one.offset for one in about.streams),
                limit=_LIMITS[way] if host in fetched else 0,
                lease=self._wanted.lease,
            )
        for host, one in self._ask(contract.CAPTURE_READ, asked).items():
            if not self._judge(host, one):
                continue
            data: capture.CaptureData = one.data
            for each, piece in zip(
                self._hosts[host].streams, data.pieces, strict=True
            ):
                if each.error is None:
                    each.take(piece)

    def _judge(self, host: str, one: outcome.Outcome) -> bool:
        """Return whether an agent answered; give it up if it is lost."""
        about = self._hosts[host]
        if one.error is None:
            about.failures = 0
            return True
        about.failures += 1
        gone = one.error.code is errors.ErrorCode.BAD_ARGUMENT
        if gone or about.failures >= _PATIENCE:
            about.fail(f"lost during the capture: {one.error.message}")
        return False

    def _stop(self) -> None:
        """Let the agents forget it; those that don't hear it will later."""
        self._ask(
            contract.TASK_STOP,
            {
                host: requests.TaskStop(id=about.task)
                for host, about in self._hosts.items()
                if about.task
            },
            _ENDING,
        )

    def _finish(self) -> None:
        self._progress("bringing packets into order")
        ended = time.time_ns()
        for about in self._hosts.values():
            for one in about.streams:
                one.finish(about.started, ended)
        self._target.finish(
            [one.number for one in self.streams if one.number is not None]
        )

    def _tell(self, what: str) -> None:
        packets = sum(one.last.packets for one in self.streams)
        active = sum(not one.is_complete for one in self.streams)
        self._progress(f"{active} points, {packets} packets, {what}")
