# SPDX-License-Identifier: Apache-2.0
"""Start many of Neutron's programs from one that has imported them.

``python nursery.py <program>…``, run by the Python environment that Neutron
is in, and thus without anything of Steth. It imports these programs, which
is most of what they do when they start, and then reads jobs, one JSON object
a line: ``program`` and its ``arguments``; the id ``pid`` of the first process
of the host to run it in; the files ``log`` and ``pid_file`` there; its
``environment``; and ``contexts``, those of its privileged daemons that can be
started the same way, as ``<module>:<name>``. It prints a line for each job
that runs, and ends with its input.
"""

from collections.abc import Callable
import ctypes
import gc
import importlib
from importlib import metadata
import json
import os
import random
import sys
import typing

#: What programs import when they are at work, besides what they import first.
_LATER = (
    "neutron.plugins.ml2.drivers.openvswitch.agent.openflow.native."
    "ovs_oskenapp",
    "oslo_messaging._drivers.impl_rabbit",
)

# The namespace of processes is that of children only; all others are entered
# at once. /proc is the host's own only in its mount namespace.
_NAMESPACES = ("pid", "uts", "ipc", "net", "mnt")


def main() -> int:
    """Start what is asked for; return the exit code."""
    for name in _LATER:
        importlib.import_module(name)
    programs = {name: _load(name) for name in sys.argv[1:]}
    # What is there now stays shared between all that come from it.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        _start(job, programs[job["program"]])
        print(job["program"], flush=True)
    return 0


def _load(name: str) -> Callable[[], object]:
    (found,) = metadata.distribution("neutron").entry_points.select(
        group="console_scripts", name=name
    )
    return typing.cast(Callable[[], object], found.load())


def _start(job: dict[str, typing.Any], program: Callable[[], object]) -> None:
    """Run a program in a host, and return when it has its id there."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _enter(job["pid"])
        if not os.fork():
            # In the host. What is an orphan there is its init's to bury.
            if not os.fork():
                _become(job)
                os.write(writing, b"1")
                os.closerange(3, 256)
                _fork_privileged(job["contexts"])
                program()
            os._exit(0)
        os.wait()
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as file:
        if not file.read(1):
            raise SystemExit(f"{job['program']} did not start")


def _enter(pid: int) -> None:
    """Enter the namespaces and the root directory of a process."""
    libc = ctypes.CDLL(None, use_errno=True)
    root = os.open(f"/proc/{pid}/root", os.O_RDONLY | os.O_DIRECTORY)
    opened = [
        os.open(f"/proc/{pid}/ns/{one}", os.O_RDONLY) for one in _NAMESPACES
    ]
    for one in opened:
        if libc.setns(one, 0):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    os.fchdir(root)
    os.chroot(".")


def _become(job: dict[str, typing.Any]) -> None:
    """Be a daemon of the host, as one that was started there."""
    # Neutron's, not Steth's. It finds the title below the environment.
    import setproctitle  # noqa: PLC0415

    sys.argv = [job["program"], *job["arguments"]]
    setproctitle.setproctitle(" ".join(sys.argv))
    os.setsid()
    random.seed()
    os.environ.clear()
    os.environ.update(job["environment"])
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    with open(job["pid_file"], "w") as file:
        file.write(f"{os.getpid()}\n")


def _fork_privileged(contexts: list[str]) -> None:
    """Start privileged daemons, which need not import anything either."""
    from oslo_privsep import priv_context  # noqa: PLC0415 - once it is loaded

    for one in contexts:
        module, _, name = one.partition(":")
        context = getattr(importlib.import_module(module), name)
        context.start(priv_context.Method.FORK)


if __name__ == "__main__":
    sys.exit(main())
