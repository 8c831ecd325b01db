# SPDX-License-Identifier: Apache-2.0
"""``python -m steth.lab kernel``: a machine, its command, and its end."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from steth.lab import deadline
from steth.lab import processes
from steth.tests.functional import needs

_KERNEL = (sys.executable, "-m", "steth.lab", "kernel")
#: Building the image and a boot, on a machine that is busy.
_TIMEOUT = 300.0


def children(pid: int) -> set[int]:
    """Return the processes that a process is the parent of."""
    found = set()
    for one in processes.all_processes():
        try:
            text = pathlib.Path(f"/proc/{one.pid}/status").read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text:
            found.add(one.pid)
    return found


class KernelTestCase(unittest.TestCase):
    """Each test boots a machine."""

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("qemu-system-x86_64", "apt-get", "mkfs.ext4")

    def run_kernel(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the lab's kernel to its end."""
        return subprocess.run(
            [*_KERNEL, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT,
        )

    def test_a_command(self) -> None:
        """It has the kernel, its modules, and the tree as it is now."""
        script = (
            "cd /sys/module && ls -d openvswitch bonding 8021q sch_netem "
            "vport_vxlan vport_geneve br_netfilter; id -un; echo no >&2; "
            "python -c 'import steth; print(steth.__file__)'; "
            "uname -r; ip -o link | wc -l; exit 9"
        )
        done = self.run_kernel("run", "--", "sh", "-c", script)
        self.assertEqual(9, done.returncode, done.stderr)
        *modules, user, file, release, devices = done.stdout.splitlines()
        self.assertEqual(7, len(modules))
        self.assertEqual("root", user)
        self.assertEqual(
            pathlib.Path(file),
            pathlib.Path(__file__).parents[3] / "__init__.py",
        )
        self.assertIn("cloud-amd64", release)
        self.assertNotEqual(os.uname().release, release)
        self.assertEqual("1", devices)
        self.assertEqual("no", done.stderr.splitlines()[-1])

    def test_a_deadline(self) -> None:
        self.run_kernel("prepare")
        began = time.monotonic()
        done = self.run_kernel("run", "--timeout", "1", "--", "sleep", "99")
        self.assertEqual(124, done.returncode)
        self.assertLess(time.monotonic() - began, 30.0)
        self.assertIn("ended after 1 s", done.stderr)

    def test_nothing_is_left_of_one_that_is_killed(self) -> None:
        self.run_kernel("prepare")
        with subprocess.Popen(
            [*_KERNEL, "run", "--", "sh", "-c", "echo up; sleep 99"],
            stdout=subprocess.PIPE,
        ) as runner:
            assert runner.stdout is not None
            self.assertEqual(b"up\n", runner.stdout.readline())
            machines = children(runner.pid)
            self.assertEqual(1, len(machines))
            runner.send_signal(signal.SIGKILL)
            self.assertTrue(
                deadline.until(
                    lambda: all(
                        processes.read(one) is None for one in machines
                    ),
                    10.0,
                )
            )
