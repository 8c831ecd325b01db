# SPDX-License-Identifier: Apache-2.0
"""The machine's process table, as proc(5) shows it.

The lab keeps no list of process ids, which could be out of date and name a
stranger: whatever it starts carries a mark in its environment, and is found
by that.
"""

from collections.abc import Iterator
import os
import pathlib
import select
import signal
import time

import msgspec

from steth.lab import errors

#: Environment variables that mark what belongs to a lab.
LAB_MARK = "STETH_LAB"
HOST_MARK = "STETH_LAB_HOST"

_PROC = pathlib.Path("/proc")


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A process, by its id in the caller's PID namespace.

    ``inner_pid`` and ``inner_session`` are its ids in its own namespace,
    ``namespace`` tells that from others, ``state`` is the letter of ps(1).
    ``started``, in clock ticks since boot, tells it from a later process
    that was given the same id.
    """

    pid: int
    started: int
    inner_pid: int
    inner_session: int
    namespace: str
    command: str
    state: str

    @property
    def is_init(self) -> bool:
        """Whether it is the first process of a namespace below ours."""
        return self.inner_pid == 1 and self.pid != 1


def read(pid: int) -> Process | None:
    """Return what is known of a process, ``None`` where it is gone."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
        stat = (_PROC / str(pid) / "stat").read_text()
        namespace = os.readlink(_PROC / str(pid) / "ns" / "pid")
    except OSError:
        return None
    return parse(pid, status, stat, namespace)


def parse(pid: int, status: str, stat: str, namespace: str) -> Process:
    """Return a process from the text of its files in /proc."""
    fields = dict(
        line.partition(":")[::2] for line in status.splitlines() if line
    )
    return Process(
        pid=pid,
        # The 22nd field; the second is the name, which may hold spaces.
        started=int(stat.rpartition(")")[2].split()[19]),
        inner_pid=int(fields["NSpid"].split()[-1]),
        inner_session=int(fields["NSsid"].split()[-1]),
        namespace=namespace,
        command=fields["Name"].strip(),
        state=fields["State"].split()[0],
    )


def all_processes() -> Iterator[Process]:
    """Yield every process that is not a zombie."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            found = read(int(entry.name))
            if found is not None and found.state not in "ZX":
                yield found


def marks(pid: int) -> dict[str, str]:
    """Return the lab's marks on a process; empty where it has none."""
    try:
        environ = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (one.partition(b"=") for one in environ.split(b"\0"))
    return {
        os.fsdecode(name): os.fsdecode(value)
        for name, _, value in pairs
        if name.startswith(os.fsencode(LAB_MARK))
    }


def of_lab(directory: str) -> Iterator[tuple[Process, str | None]]:
    """Yield the lab's processes, each with the host that it is marked for."""
    for process in all_processes():
        found = marks(process.pid)
        if found.get(LAB_MARK) == directory and process.pid != os.getpid():
            yield process, found.get(HOST_MARK)


def directories() -> set[str]:
    """Return the directories of all labs that have a process."""
    found = (marks(one.pid).get(LAB_MARK) for one in all_processes())
    return {one for one in found if one}


def network_file(process: Process, name: str) -> str:
    """Return a file of /proc/net as the process sees it; empty if gone."""
    try:
        return (_PROC / str(process.pid) / "net" / name).read_text()
    except OSError:
        return ""


def send(process: Process, number: signal.Signals) -> None:
    """Send a signal, unless the process ended and its id was used again."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if _is_same(process):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)


def kill(processes: list[Process], timeout: float) -> None:
    """Kill processes and wait until they are gone.

    The first process of a PID namespace takes all others of it along, and
    is gone only after them, see pid_namespaces(7).

    :param timeout: seconds to wait in all
    :raises errors.LabError: naming one that did not go
    """
    deadline = time.monotonic() + timeout
    for process in processes:
        send(process, signal.SIGKILL)
    for process in processes:
        if not wait(process, deadline - time.monotonic()):
            raise errors.LabError(
                f"process {process.pid} ({process.command}) does not end "
                f"{timeout:.0f} s after SIGKILL: see 'cat "
                f"/proc/{process.pid}/stack' for what it waits for"
            )


def wait(process: Process, timeout: float) -> bool:
    """Return whether the process ended within so many seconds."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if not _is_same(process):
            return True
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(max(timeout, 0) * 1000))
    finally:
        os.close(descriptor)


def _is_same(process: Process) -> bool:
    now = read(process.pid)
    return now is not None and now.started == process.started
