# SPDX-License-Identifier: Apache-2.0
"""Reading the process table."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

from steth.lab import errors
from steth.lab import processes

STATUS = """\
Name:\ttini
State:\tS (sleeping)
Pid:\t812
NSpid:\t812\t1
NSsid:\t810\t0
"""
STAT = "812 (a (b) c) S 1 0 0 0 -1 4194560 9 0 0 0 1 2 3 4 20 0 1 0 7777 8"


class ProcessesTestCase(unittest.TestCase):
    """Processes, real and recorded."""

    def start(self, **marks: str) -> processes.Process:
        """Start a process that waits until it is killed."""
        child = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | marks,
        )
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        assert child.stdout is not None
        child.stdout.readline()
        found = processes.read(child.pid)
        assert found is not None
        return found

    def test_parse(self) -> None:
        found = processes.parse(812, STATUS, STAT, "pid:[4026532001]")
        self.assertEqual(
            processes.Process(
                pid=812,
                started=7777,
                inner_pid=1,
                inner_session=0,
                namespace="pid:[4026532001]",
                command="tini",
                state="S",
            ),
            found,
        )
        self.assertTrue(found.is_init)

    def test_read_one_that_is_not_there(self) -> None:
        self.assertIsNone(processes.read(2**22 + 1))
        self.assertEqual({}, processes.marks(2**22 + 1))

    def test_found_by_its_mark(self) -> None:
        directory = f"/nonexistent/{os.getpid()}"
        child = self.start(STETH_LAB=directory, STETH_LAB_HOST="compute1")
        self.assertEqual(
            [(child.pid, "compute1")],
            [(one.pid, host) for one, host in processes.of_lab(directory)],
        )
        self.assertIn(directory, processes.directories())
        self.assertEqual([], list(processes.of_lab(directory + "1")))

    def test_kill(self) -> None:
        child = self.start()
        processes.kill([child], 10.0)
        self.assertTrue(processes.wait(child, 0.0))

    def test_a_later_process_of_the_same_id_is_left_alone(self) -> None:
        child = self.start()
        earlier = processes.Process(
            pid=child.pid,
            started=child.started - 1,
            inner_pid=child.inner_pid,
            inner_session=child.inner_session,
            namespace=child.namespace,
            command=child.command,
            state=child.state,
        )
        processes.kill([earlier], 10.0)
        self.assertFalse(processes.wait(child, 0.0))

    def test_one_that_does_not_end_is_named(self) -> None:
        child = self.start()
        blocked = processes.send
        self.addCleanup(setattr, processes, "send", blocked)
        processes.send = lambda process, number: None
        with self.assertRaisesRegex(errors.LabError, f"process {child.pid} "):
            processes.kill([child], 0.01)

    def test_send(self) -> None:
        child = self.start()
        processes.send(child, signal.SIGKILL)
        self.assertTrue(processes.wait(child, 10.0))
        # Gone for good: nothing to signal, and no error.
        processes.send(child, signal.SIGKILL)

    def test_network_file(self) -> None:
        own = processes.read(os.getpid())
        assert own is not None
        self.assertEqual(
            pathlib.Path("/proc/net/dev").read_text().splitlines()[0],
            processes.network_file(own, "dev").splitlines()[0],
        )
        self.assertEqual("", processes.network_file(own, "nothing"))
