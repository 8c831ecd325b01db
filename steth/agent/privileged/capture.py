# SPDX-License-Identifier: Apache-2.0
"""The part of ``capture.start`` that needs privileges: starting tcpdump.

What tcpdump writes goes to the agent, which reads it without any.
"""

import os
import select
import signal
import socket
import subprocess
import threading
from typing import IO
from typing import Any
from typing import cast

import msgspec
from oslo_privsep import capabilities

from steth.agent import programs
from steth.agent.capture import tcpdump
from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces
from steth.rpc import requests

#: How many run at once, of all captures.
MAX_PROGRAMS = 64
#: Seconds that tcpdump may take to write what it still holds.
_GRACE = 2.0

_lock = threading.Lock()
_running: dict[int, "subprocess.Popen[bytes]"] = {}


@contexts.capture.entrypoint
def start(
    arguments: dict[str, Any], index: int, door: bytes
) -> tuple[int, int]:
    """Start tcpdump at one point.

    :param arguments: a ``CaptureStart`` as plain data
    :param index: which of its points
    :param door: the abstract address of a Unix socket, where the ends of the
        two pipes are delivered: its output's and its error output's
    :returns: its process id, 0 when too many are running; and the one of
        this process, by which who delivers is known
    """
    request = msgspec.convert(arguments, requests.CaptureStart)
    point = request.points[index]
    if point.netns is not None and not namespaces.is_name(point.netns):
        raise ValueError(f"netns: {point.netns!r} names no network namespace")
    with _lock:
        _forget_ended()
        if len(_running) >= MAX_PROGRAMS:
            return 0, os.getpid()
        process = programs.start(
            programs.find(tcpdump.PROGRAM),
            *tcpdump.arguments(point, request),
            capability=int(capabilities.CAP_NET_RAW),
            namespace=f"{namespaces.DIRECTORY}/{point.netns}"
            if point.netns
            else "",
        )
        _running[process.pid] = process
    try:
        _deliver(process, door)
    except OSError:
        # The agent did not wait for it.
        end(process.pid)
        raise
    return process.pid, os.getpid()


@contexts.capture.entrypoint
def end(pid: int) -> None:
    """Let a tcpdump write what it holds and end, at once if need be.

    Nothing happens when it is not there any more.
    """
    with _lock:
        process = _running.pop(pid, None)
    if process is None:
        return
    process.send_signal(signal.SIGINT)
    if not _has_ended(process, _GRACE):
        # Nobody takes its output, or it is still looking for a name.
        process.kill()
    process.wait()


def _deliver(process: "subprocess.Popen[bytes]", door: bytes) -> None:
    """Hand the pipes over; they are not this process's any more then."""
    with (
        cast(IO[bytes], process.stdout) as output,
        cast(IO[bytes], process.stderr) as errors,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent,
    ):
        agent.connect(door)
        socket.send_fds(agent, [b"\0"], [output.fileno(), errors.fileno()])


def _has_ended(process: "subprocess.Popen[bytes]", timeout: float) -> bool:
    """Return whether a program ends in so many seconds."""
    if process.poll() is not None:
        return True
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(descriptor)


def _forget_ended() -> None:
    for pid in [
        pid for pid, one in _running.items() if one.poll() is not None
    ]:
        del _running[pid]
