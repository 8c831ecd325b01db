# SPDX-License-Identifier: Apache-2.0
"""A lab for all tests of the kernel's datapath.

Starting a Python program takes seconds in a machine that QEMU translates:
there is one lab for all of them, and ``openstack`` is run by a fork that has
everything imported already.
"""

import atexit
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import ctypes
import functools
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from openstackclient import shell

from steth.lab import errors
from steth.lab import lab as lab_module
from steth.lab import layout
from steth.lab import processes
from steth.tests.functional import needs

HOSTS = ("compute1", "compute2", "compute3")
MODULES = ("openvswitch", "vport_vxlan", "8021q", "bonding", "sch_netem")

Done = subprocess.CompletedProcess[str]

_CONTEXT = multiprocessing.get_context("fork")
#: Seconds that a command may take.
TIMEOUT = 120.0
#: How often the lab is given as long as one on a real processor needs.
_PATIENCE = 3
# From linux/sched.h: mount, UTS, IPC and network namespaces.
_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x40000000


class KernelTestCase(unittest.TestCase):
    """Three hosts with an agent each, without a broker."""

    lab: ClassVar[lab_module.Lab]

    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        """Start the lab, unless another class has."""
        needs.root()
        needs.kernel(*MODULES)
        cls.lab = _lab()

    def inside(self, host: str, script: str) -> str:
        """Return what a shell script in a host prints."""
        done = self.lab.exec(host, ["sh", "-ec", script])
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def steth(self, *arguments: str) -> Done:
        """Run ``openstack steth`` in the controller host."""
        return run(self.init(layout.CONTROLLER), ["steth", *arguments])

    def asked(self, *arguments: str) -> Any:
        """Return the JSON that a command prints, which has to succeed."""
        return decoded(self.steth(*arguments, "-f", "json"))

    def found(self, *arguments: str) -> list[tuple[str, str | None]]:
        """Return code and host of each finding of a check."""
        done = self.steth("check", *arguments, "-f", "json")
        self.assertTrue(done.stdout, done.stderr)
        return [
            (one["code"], one["location"]["host"])
            for one in json.loads(done.stdout)["findings"]
        ]

    def init(self, host: str) -> processes.Process:
        """Return the first process of a host."""
        return self.lab._hosts.running()[host]


def decoded(done: Done) -> Any:
    """Return the JSON that a command printed, which has to succeed."""
    if done.returncode:
        raise AssertionError(f"{done.args}: {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


@functools.cache
def _lab() -> lab_module.Lab:
    directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
    lab = lab_module.Lab(directory / "lab")
    # After the last test; a class does not know whether it is that.
    atexit.register(directory.rmdir)
    atexit.register(lab.down)
    for _ in range(_PATIENCE):
        # An agent that is slow to start is waited for once more.
        with contextlib.suppress(errors.LabError):
            lab.up(hosts=len(HOSTS))
            return lab
    lab.up(hosts=len(HOSTS))
    return lab


def run(init: processes.Process, arguments: Sequence[str]) -> Done:
    """Run ``openstack`` inside a host, to its end."""
    with running(init, arguments) as wait:
        return wait()


@contextlib.contextmanager
def running(
    init: processes.Process, arguments: Sequence[str]
) -> Iterator[Callable[[], Done]]:
    """Run ``openstack`` inside a host, for as long as the context lasts.

    The function that it gives waits for the end and returns what came of it.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _CONTEXT.Process(
            target=_openstack,
            args=(init.pid, list(arguments), (out.fileno(), err.fileno())),
        )

        def wait() -> Done:
            process.join(TIMEOUT)
            said = []
            for one in (out, err):
                one.seek(0)
                said.append(one.read().decode())
            if process.exitcode is None:
                raise AssertionError(f"{arguments}: {TIMEOUT} s: {said}")
            return Done(arguments, process.exitcode, *said)

        process.start()
        try:
            yield wait
        finally:
            process.kill()
            process.join()


def _openstack(pid: int, arguments: list[str], output: Sequence[int]) -> None:
    for number, descriptor in enumerate(output, 1):
        os.dup2(descriptor, number)
    entered = ctypes.CDLL(None, use_errno=True).setns(
        os.pidfd_open(pid), _NAMESPACES
    )
    if entered:
        raise OSError(ctypes.get_errno(), "setns")
    sys.exit(shell.main(arguments))
