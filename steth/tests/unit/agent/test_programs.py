# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest

from steth.agent import programs
from steth.rpc import errors

_TIMEOUT = 10.0

# An agent: it starts a program, says which, and does no more.
_AGENT = """
import threading, time
from steth.agent import programs
found = []
starter = threading.Thread(
    target=lambda: found.append(programs.start("/bin/sleep", "60"))
)
starter.start()
starter.join()
print(found[0].pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def name_of(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


class ProgramsTestCase(unittest.TestCase):
    def test_find(self) -> None:
        self.assertTrue(programs.find("sleep").startswith("/"))

    def test_not_installed(self) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            programs.find("no-such-program")
        self.assertEqual(errors.ErrorCode.MISSING, caught.exception.code)
        self.assertIn("no-such-program", caught.exception.message)

    def test_has_no_rights(self) -> None:
        one = programs.start("/bin/cat", "/proc/self/status")
        out, _ = one.communicate(timeout=_TIMEOUT)
        told = dict(
            line.split(":\t", 1)
            for line in out.decode().splitlines()
            if ":\t" in line
        )
        for name in ("CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(0, int(told[name], 16), name)
        self.assertEqual("1", told["NoNewPrivs"])
        self.assertNotIn("0", told["Uid"].split())

    def test_lives_longer_than_the_thread_that_asked(self) -> None:
        found: list[subprocess.Popen[bytes]] = []
        thread = threading.Thread(
            target=lambda: found.append(programs.start("/bin/sleep", "60"))
        )
        thread.start()
        thread.join()
        (one,) = found
        with self.assertRaises(subprocess.TimeoutExpired):
            one.communicate(timeout=0.2)
        programs.end(one)
        self.assertEqual(-signal.SIGKILL, one.returncode)
        one.communicate()

    def test_dies_with_a_killed_agent(self) -> None:
        self.kill_agent(once_it_runs=True)

    def test_is_not_begun_for_a_killed_agent(self) -> None:
        self.kill_agent(once_it_runs=False)

    def kill_agent(self, *, once_it_runs: bool) -> None:
        """Kill an agent, and wait until its program is gone."""
        with subprocess.Popen(
            [sys.executable, "-c", _AGENT], stdout=subprocess.PIPE
        ) as agent:
            assert agent.stdout is not None
            pid = int(agent.stdout.readline())
            if once_it_runs:
                self.await_true(lambda: name_of(pid) == "sleep")
            agent.kill()
            agent.wait(_TIMEOUT)
        self.await_true(lambda: not is_running(pid))

    def await_true(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertTrue(condition())
