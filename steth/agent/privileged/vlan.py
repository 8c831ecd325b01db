# SPDX-License-Identifier: Apache-2.0
"""The part of the ``probe.vlan_…`` operations that needs packet sockets."""

import contextlib
import os
import select
import socket
import threading
import time
from typing import Any

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import outlet
from steth.agent.privileged import packet_ring
from steth.agent.probe import filters
from steth.agent.probe import vlan_frame
from steth.agent.probe import vlan_tally
from steth.model import vlan
from steth.rpc import requests

#: Runs of different operators at once; a ring each.
MAX_LISTENERS = 8
MAX_RATE = 10_000
_FRAMES = 16_384
#: Read often enough that the ring never fills at the rates of a run, in
#: milliseconds.
_DRAIN_EVERY = 20
#: In the end frames may still be on their way: a switch that is behind passes
#: on what waits in it. It is listened until none came for so many seconds, and
#: no longer than so many.
_QUIET = 0.25
_LINGER = 3.0
#: What is heard stays for so many seconds after the listening ended, for a
#: caller that asks again because the answer got lost.
_KEPT = 30.0

_lock = threading.Lock()
_listeners: dict[int, "_Listener"] = {}


@contexts.probe.entrypoint
def listen(arguments: dict[str, Any], agent: int) -> bool:
    """Begin to listen; once is enough for a run.

    :param arguments: a ``VlanListen`` as plain data
    :param agent: the process id of the agent; with it the listening ends
    :returns: False when too many runs are listening
    """
    request = msgspec.convert(arguments, requests.VlanListen)
    with _lock:
        _forget_old()
        if request.run in _listeners:
            return True
        open_ = [one for one in _listeners.values() if one.is_listening]
        if len(open_) >= MAX_LISTENERS:
            return False
        _listeners[request.run] = _Listener(request, agent)
    return True


@contexts.probe.entrypoint
def heard(run: int) -> Any:
    """End the listening of a run and return its ``VlanReport``.

    :returns: plain data; None when there is no such run
    """
    with _lock:
        _forget_old()
        found = _listeners.get(run)
    return msgspec.to_builtins(found.end()) if found else None


@contexts.probe.entrypoint
def send(
    arguments: dict[str, Any], first: int, count: int, max_rate: int
) -> tuple[int, int, str | None]:
    """Send a part of the frames of a run, as far as they are taken in time.

    :param arguments: a ``VlanSend`` as plain data
    :param first: which of its frames is the first
    :param count: how many at most
    :param max_rate: frames per second at most
    :returns: an ``outlet.Progress``
    :raises OSError: there is no such interface
    """
    request = msgspec.convert(arguments, requests.VlanSend)
    if not 1 <= max_rate <= MAX_RATE or first < 0 or count < 1:
        raise ValueError(f"no part: {first}, {count}, {max_rate}")
    vlans = (request.ids * request.rounds)[first : first + count]
    return _send(request, vlans, min(request.rate, max_rate))


def _send(
    request: requests.VlanSend, vlans: tuple[int, ...], rate: int
) -> outlet.Progress:
    with outlet.Outlet(request.interface) as out:
        return out.send(
            (
                vlan_frame.build(out.mac, request.run, request.index, number)
                for number in vlans
            ),
            1 / rate,
        )


class _Listener:
    """One run's listening, which goes on in a thread of its own.

    :raises OSError: there is no such interface, or it may not be listened on
    """

    def __init__(self, request: requests.VlanListen, agent: int) -> None:
        self._run = request.run
        self._tally = vlan_tally.VlanTally(request.index, request.hosts)
        self._ends_at = time.monotonic() + request.seconds
        self._asked_at: float | None = None
        self._report = vlan.VlanReport()
        with contextlib.ExitStack() as stack:
            self._agent = os.pidfd_open(agent)
            stack.callback(os.close, self._agent)
            self._ring = packet_ring.PacketRing(
                socket.SOCK_RAW,
                filters.marked_frames(request.run),
                _FRAMES,
                request.interface,
            )
            stack.callback(self._ring.close)
            self._closing = stack.pop_all()
        self._thread = threading.Thread(
            target=self._listen, name=f"vlan-{request.run:08x}", daemon=True
        )
        self._thread.start()

    @property
    def is_listening(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    @property
    def is_old(self) -> bool:
        """Whether nobody will ask for what it heard any more."""
        return (
            not self.is_listening and time.monotonic() > self._ends_at + _KEPT
        )

    def end(self) -> vlan.VlanReport:
        """End it, when what is on its way has come, and return the report."""
        self._asked_at = self._asked_at or time.monotonic()
        self._thread.join()
        return self._report

    def _listen(self) -> None:
        with self._closing:
            stops = select.poll()
            stops.register(self._agent, select.POLLIN)
            last_frame = 0.0
            while not self._is_over(last_frame):
                if stops.poll(_DRAIN_EVERY):
                    return
                if self._drain():
                    last_frame = time.monotonic()
            self._drain()
            self._report = self._tally.report(self._ring.lost())

    def _is_over(self, last_frame: float) -> bool:
        now = time.monotonic()
        if now > self._ends_at:
            return True
        if self._asked_at is None:
            return False
        quiet = now - max(self._asked_at, last_frame)
        return quiet > _QUIET or now - self._asked_at > _LINGER

    def _drain(self) -> bool:
        """Take what came; return whether a frame of the run is in it."""
        any_ = False
        for _, _, tag, data in self._ring.take():
            mark = vlan_frame.read(data, self._run)
            if mark is not None:
                self._tally.see(mark, tag)
                any_ = True
        return any_


def _forget_old() -> None:
    for run in [run for run, one in _listeners.items() if one.is_old]:
        del _listeners[run]
