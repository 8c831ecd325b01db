# SPDX-License-Identifier: Apache-2.0
"""Tells those who wait for a transport that it is gone."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import threading

from steth.model import agent


class Interrupt:
    """Which transports were given up for the rest of the run, and why."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []
        self._reasons: dict[agent.Transport, str] = {}

    def reason(self, transport: agent.Transport) -> str | None:
        """Return why a transport was given up, ``None`` while it works."""
        return self._reasons.get(transport)

    def give_up(self, transport: agent.Transport, reason: str) -> None:
        """Give up a transport; the first reason given stands."""
        with self._lock:
            if transport in self._reasons:
                return
            self._reasons[transport] = reason
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake``, from any thread, when a transport is given up."""
        with self._lock:
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)
