# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.icmp`` that needs raw sockets."""

import contextlib
import secrets
import select
import threading
import time
from typing import Any

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import echo_sockets
from steth.agent.privileged import namespaces
from steth.agent.privileged import packet_watch
from steth.agent.privileged import solicitor
from steth.agent.privileged import stopping
from steth.agent.probe import diagnosis
from steth.agent.probe import resolution
from steth.agent.probe import session as session_module
from steth.agent.probe import sighting
from steth.agent.probe import tally
from steth.rpc import requests

MAX_RATE = 10_000
_NANOSECONDS = 1_000_000_000
#: How long received packets may wait while we send: they carry the kernel's
#: time stamp, so reading them in batches costs no accuracy.
_DRAIN_EVERY = 10_000_000
#: And how often the watch is emptied while nothing else happens.
_IDLE_DRAIN_EVERY = 20_000_000
#: poll(2) counts in milliseconds; a shorter pause than this has to be exact.
_LONG = 5_000_000
#: What a probe may take beyond the ceiling of its request, in seconds.
_GRACE = 2.0

_lock = threading.Lock()
_identifiers: set[int] = set()


@contexts.probe.entrypoint
def run(
    arguments: dict[str, Any],
    asked: list[dict[str, Any]],
    max_rate: int,
    token: int,
    agent: int,
) -> Any:
    """Send the packets of one request and count what comes back.

    :param arguments: a ``ProbeIcmp`` as plain data
    :param asked: the ``Question``s to ask while watching, as plain data
    :param max_rate: packets per second
    :param token: a number by which ``stopping.cancel`` finds this probe
    :param agent: the process id of the agent; with it the probe ends
    :returns: a ``ProbeTally`` as plain data; None when it was cancelled
    """
    request = msgspec.convert(arguments, requests.ProbeIcmp)
    questions = msgspec.convert(
        asked[: resolution.MAX_QUESTIONS], list[resolution.Question]
    )
    done = _run(request, questions, max_rate, token, agent)
    return None if done is None else msgspec.to_builtins(done)


@contexts.namespace_probe.entrypoint
def run_inside(
    netns: str,
    arguments: dict[str, Any],
    max_rate: int,
    token: int,
    agent: int,
) -> Any:
    """Do so in a named network namespace, and say why packets failed.

    :returns: an ``Explained`` as plain data; None when it was cancelled
    """
    request = msgspec.convert(arguments, requests.ProbeIcmp)

    def explain() -> diagnosis.Explained | None:
        questions = resolution.questions_of(request)
        done = _run(request, questions, max_rate, token, agent)
        return None if done is None else diagnosis.explain(request, done)

    found = namespaces.inside(netns, explain)
    return None if found is None else msgspec.to_builtins(found)


def _run(
    request: requests.ProbeIcmp,
    questions: list[resolution.Question],
    max_rate: int,
    token: int,
    agent: int,
) -> tally.ProbeTally | None:
    if not isinstance(max_rate, int) or not 1 <= max_rate <= MAX_RATE:
        raise ValueError(f"max_rate: {max_rate!r} is not from 1 to {MAX_RATE}")
    with contextlib.ExitStack() as stack:
        stops = stopping.stops(token, agent, stack)
        identifier = _take_identifier(stack)
        session = session_module.Session(request, identifier, max_rate)
        probe = _Probe(request, session, identifier, stops, stack)
        if request.watch:
            probe.ask(solicitor.Solicitor(questions), stack)
        return probe.run()


class _CancelledError(Exception):
    """The agent does not want the result any more."""


class _Probe:
    """The loop that sends, receives and watches."""

    def __init__(
        self,
        request: requests.ProbeIcmp,
        session: session_module.Session,
        identifier: int,
        stops: select.poll,
        stack: contextlib.ExitStack,
    ) -> None:
        self._request = request
        self._session = session
        self._stops = stops
        self._watch = None
        if request.watch:
            self._watch = packet_watch.PacketWatch(
                request.run, _watched_addresses(request)
            )
            stack.callback(self._watch.close)
        self._receivers = echo_sockets.Receivers(session, identifier)
        stack.callback(self._receivers.close)
        self._senders = echo_sockets.Senders(session)
        stack.callback(self._senders.close)
        self._drained = 0
        self._solicitor: solicitor.Solicitor | None = None

    def ask(
        self, one: solicitor.Solicitor, stack: contextlib.ExitStack
    ) -> None:
        """Have neighbours asked for before and after the packets."""
        self._solicitor = one
        stack.callback(one.close)

    def run(self) -> tally.ProbeTally | None:
        """Run to the end; None when it was cancelled."""
        began = time.monotonic_ns()
        ceiling = began + round((requests.MAX_SECONDS + _GRACE) * _NANOSECONDS)
        try:
            self._wait_until(began + self._nanoseconds(self._request.delay))
            self._ask_all()
            self._send(ceiling)
            self._ask_all()
            self._receive()
            self._wait_until(
                time.monotonic_ns() + self._nanoseconds(self._request.linger)
            )
        except _CancelledError:
            return None
        watch = self._watch
        return tally.ProbeTally(
            targets=self._session.tally.results(),
            lost=self._receivers.lost(),
            sightings=watch.results() if watch else (),
            lost_by_watch=watch.lost() if watch else 0,
            duration=(time.monotonic_ns() - began) / _NANOSECONDS,
        )

    def _ask_all(self) -> None:
        if self._solicitor:
            self._solicitor.ask_all()

    def _send(self, ceiling: int) -> None:
        pace = self._session.pace
        pace.begin(time.monotonic_ns())
        while not pace.done:
            now = time.monotonic_ns()
            if now > ceiling:
                self._session.abandon()
                return
            for packet in pace.take(now):
                self._senders.send(packet)
            if now - self._drained >= _DRAIN_EVERY:
                self._drain(now)
                self._look(0)
            self._pause(pace.due_at() - time.monotonic_ns())

    def _receive(self) -> None:
        """Wait for the last answers, no longer than the last one is due."""
        descriptors = self._receivers.filenos()
        for one in descriptors:
            self._stops.register(one, select.POLLIN)
        while True:
            now = time.monotonic_ns()
            self._drain(now)
            left = (self._session.ends_at() or 0) - now
            if left <= 0:
                break
            self._pause(min(left, self._longest_pause()), descriptors)
        for one in descriptors:
            self._stops.unregister(one)

    def _wait_until(self, end: int) -> None:
        while (left := end - time.monotonic_ns()) > 0:
            self._pause(min(left, self._longest_pause()))
            self._drain(time.monotonic_ns())

    def _longest_pause(self) -> int:
        return _IDLE_DRAIN_EVERY if self._watch else _NANOSECONDS

    def _drain(self, now: int) -> None:
        self._drained = now
        self._receivers.drain()
        if self._watch:
            self._watch.drain()

    def _pause(self, length: int, harmless: list[int] | None = None) -> None:
        """Sleep for so many nanoseconds, or until there is something.

        A short sleep is exact, and what there is is noticed after it.
        """
        if length >= _LONG:
            self._look(length // 1_000_000, harmless)
        elif length > 0:
            time.sleep(length / _NANOSECONDS)

    def _look(
        self, milliseconds: int, harmless: list[int] | None = None
    ) -> None:
        for descriptor, _ in self._stops.poll(milliseconds):
            if descriptor not in (harmless or ()):
                raise _CancelledError

    @staticmethod
    def _nanoseconds(seconds: float) -> int:
        return round(seconds * _NANOSECONDS)


def _watched_addresses(request: requests.ProbeIcmp) -> frozenset[bytes]:
    found = {sighting.packed(one.address) for one in request.targets}
    found |= {
        sighting.packed(one.source) for one in request.targets if one.source
    }
    return frozenset(found)


def _take_identifier(stack: contextlib.ExitStack) -> int:
    """Choose an ICMP identifier that no other probe of this agent has."""
    with _lock:
        identifier = secrets.randbelow(0xFFFF) + 1
        while identifier in _identifiers:
            identifier = secrets.randbelow(0xFFFF) + 1
        _identifiers.add(identifier)
    stack.callback(_identifiers.discard, identifier)
    return identifier
