# SPDX-License-Identifier: Apache-2.0
"""The life of a lab: up, mended, down, also after a kill."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from steth.lab import agents
from steth.lab import configuration
from steth.lab import deadline
from steth.lab import errors
from steth.lab import lab as lab_module
from steth.lab import processes
from steth.lab import services
from steth.rpc import contract
from steth.tests.functional import needs

# Seconds: long enough for hosts, not for the broker.
_UP_TIME = 1.5
_TIMEOUT = 30.0


class _LifeTestCase(unittest.TestCase):
    """A directory for a lab, which is removed also after a failure."""

    def setUp(self) -> None:
        needs.root()
        self.parent = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        self.addCleanup(shutil.rmtree, self.parent)
        self.lab = self.make("lab")

    def make(self, name: str) -> lab_module.Lab:
        """Return a lab that is down."""
        lab = lab_module.Lab(self.parent / name)
        self.addCleanup(lab.down)
        return lab

    def assert_gone(self, lab: lab_module.Lab) -> None:
        """Check that nothing is left of a lab."""
        directory = str(lab.directory)
        self.assertEqual([], list(processes.of_lab(directory)))
        self.assertFalse(lab.directory.exists())
        self.assertNotIn(
            directory, pathlib.Path("/proc/self/mounts").read_text()
        )

    def pids(self, lab: lab_module.Lab) -> dict[str, int | None]:
        """Return the first process of each host."""
        return {one.name: one.pid for one in lab.status().hosts}


class StructureTestCase(_LifeTestCase):
    """Hosts without agents."""

    def test_a_host_is_a_host_of_its_own(self) -> None:
        self.lab.up(hosts=2, agents=False)
        marker = f"steth-test-{os.getpid()}"
        for path in ("/etc", "/run", "/var/lib", "/etc/steth"):
            self.lab.exec("compute1", ["touch", f"{path}/{marker}"])
            seen = self.lab.exec("compute1", ["ls", path]).stdout
            self.assertIn(marker, seen)
            self.assertNotIn(
                marker, self.lab.exec("compute2", ["ls", path]).stdout
            )
            self.assertFalse(pathlib.Path(path, marker).exists())
        said = self.lab.exec("compute1", ["cat", "/etc/hostname"]).stdout
        self.assertEqual("compute1\n", said)
        said = self.lab.exec("compute2", ["uname", "-n"]).stdout
        self.assertEqual("compute2\n", said)
        said = self.lab.exec("compute1", ["ps", "-e", "-o", "comm="]).stdout
        self.assertEqual(["ps", "sleep", "tini"], sorted(said.split()))

    def test_names_lead_to_management_addresses(self) -> None:
        self.lab.up(hosts=2, agents=False)
        done = self.lab.exec("compute1", ["getent", "hosts", "compute2"])
        self.assertEqual(["10.77.0.12", "compute2"], done.stdout.split())
        done = self.lab.exec("controller", ["getent", "hosts", "compute1"])
        self.assertEqual(["10.77.0.11", "compute1"], done.stdout.split())

    def test_nothing_shows_on_the_machine(self) -> None:
        before = set(os.listdir("/sys/class/net"))
        mounts = pathlib.Path("/proc/self/mounts").read_text()
        self.lab.up(hosts=2, agents=False)
        self.assertEqual(before, set(os.listdir("/sys/class/net")))
        self.assertNotIn("steth-lab", mounts)
        self.assertEqual(
            mounts.count(str(self.lab.directory)),
            pathlib.Path("/proc/self/mounts")
            .read_text()
            .count(str(self.lab.directory)),
        )

    def test_up_again_does_nothing(self) -> None:
        self.assertTrue(self.lab.up(hosts=2, agents=False))
        before = self.pids(self.lab)
        self.assertFalse(self.lab.up(hosts=2, agents=False))
        self.assertEqual(before, self.pids(self.lab))

    def test_another_shape_is_refused(self) -> None:
        self.lab.up(hosts=2, agents=False)
        with self.assertRaisesRegex(errors.LabError, "2 hosts.*'down'"):
            self.lab.up(hosts=3, agents=False)

    def test_too_many_hosts(self) -> None:
        for hosts in (0, 201):
            with self.assertRaisesRegex(errors.LabError, "1 to 200"):
                self.lab.up(hosts=hosts)

    def test_a_directory_with_other_things_is_left_alone(self) -> None:
        self.lab.directory.mkdir()
        precious = self.lab.directory / "precious"
        precious.touch()
        with self.assertRaisesRegex(errors.LabError, "something else"):
            self.lab.up(agents=False)
        self.lab.down()
        self.assertTrue(precious.exists())

    def test_two_labs_do_not_meet(self) -> None:
        other = self.make("other")
        self.lab.up(hosts=2, agents=False)
        other.up(hosts=2, agents=False)
        self.lab.exec("compute2", ["ip", "link", "set", "eth1", "down"])
        ping = ["ping", "-n", "-c", "1", "-W", "1", "10.77.1.12"]
        self.assertEqual(0, other.exec("compute1", ping).returncode)
        self.assertNotEqual(0, self.lab.exec("compute1", ping).returncode)
        self.lab.down()
        self.assert_gone(self.lab)
        self.assertEqual(0, other.exec("compute1", ping).returncode)

    def test_dead_hosts_are_mended(self) -> None:
        self.lab.up(hosts=3, agents=False)
        self.lab.fault("split", hosts=["compute2", "compute3"])
        before = self.pids(self.lab)
        killed = before["compute2"]
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        self.assertTrue(
            deadline.until(
                lambda: self.pids(self.lab)["compute2"] is None, _TIMEOUT
            )
        )
        with self.assertRaisesRegex(errors.LabError, "not running.*'up'"):
            self.lab.exec("compute2", ["true"])
        self.assertTrue(self.lab.up(hosts=3, agents=False))
        after = self.pids(self.lab)
        self.assertNotEqual(before.pop("compute2"), after.pop("compute2"))
        self.assertEqual(before, after)
        self.assertEqual((), self.lab.status().faults)
        self.assert_mesh()

    def test_a_host_that_is_half_up_is_made_anew(self) -> None:
        with subprocess.Popen(
            ["sleep", "60"],
            env={
                processes.LAB_MARK: str(self.lab.directory),
                processes.HOST_MARK: "compute1",
                "PATH": os.defpath,
            },
        ) as half:
            self.addCleanup(half.kill)
            self.lab.up(hosts=1, agents=False)
            self.assertEqual(-signal.SIGKILL, half.wait(_TIMEOUT))

    def test_a_dead_switch_is_mended(self) -> None:
        self.lab.up(hosts=3, agents=False)
        before = self.pids(self.lab)
        switch = self.lab.status().switch_pid
        assert switch is not None
        os.kill(switch, signal.SIGKILL)
        self.assertTrue(
            deadline.until(
                lambda: self.lab.status().switch_pid is None, _TIMEOUT
            )
        )
        self.assertTrue(self.lab.up(hosts=3, agents=False))
        self.assertEqual(before, self.pids(self.lab))
        self.assert_mesh()

    def assert_mesh(self) -> None:
        """Check that three hosts reach each other on each network."""
        for host in (1, 2, 3):
            for network in (0, 1, 2):
                for peer in {1, 2, 3} - {host}:
                    address = f"10.77.{network}.{10 + peer}"
                    done = self.lab.exec(
                        f"compute{host}",
                        ["ping", "-n", "-c", "1", "-W", "2", address],
                    )
                    self.assertEqual(0, done.returncode, done.stdout)

    def test_down_of_nothing(self) -> None:
        self.assertFalse(self.lab.down())
        with self.assertRaisesRegex(errors.LabError, "no lab in.*'up'"):
            self.lab.status()

    def test_down_without_state(self) -> None:
        self.lab.up(hosts=2, agents=False)
        shutil.rmtree(self.lab.directory)
        self.assertTrue(self.lab.down())
        self.assert_gone(self.lab)

    def test_down_with_damaged_state(self) -> None:
        self.lab.up(hosts=2, agents=False)
        (self.lab.directory / "steth-lab.json").write_text("{")
        with self.assertRaisesRegex(errors.LabError, "damaged"):
            self.lab.status()
        self.lab.down()
        self.assert_gone(self.lab)

    def test_exit_codes_pass_through(self) -> None:
        self.lab.up(hosts=1, agents=False)
        argv = [
            *(sys.executable, "-m", "steth.lab", "exec"),
            *("--directory", str(self.lab.directory), "compute1"),
        ]
        for code in (0, 3, 42):
            done = subprocess.run(
                [*argv, "sh", "-c", f"exit {code}"], check=False
            )
            self.assertEqual(code, done.returncode)


class KillTestCase(_LifeTestCase):
    """``up`` is killed at any moment."""

    def kill_up(self, after: float) -> None:
        """Start ``up`` with a broker and kill it after so many seconds."""
        argv = [
            *(sys.executable, "-m", "steth.lab", "up", "--broker"),
            *("--directory", str(self.lab.directory)),
        ]
        with subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as up:
            time.sleep(after)
            up.kill()

    def test_down_after_a_kill(self) -> None:
        for _ in range(8):
            after = random.uniform(0.1, _UP_TIME)  # noqa: S311
            with self.subTest(after=after):
                self.kill_up(after)
                self.lab.down()
                self.assert_gone(self.lab)

    def test_up_after_a_kill(self) -> None:
        for after in (0.3, 0.5):
            with self.subTest(after=after):
                self.kill_up(after)
                self.lab.up(hosts=3, broker=True)
                status = self.lab.status()
                self.assertTrue(status.complete and status.broker)
                self.assertEqual(
                    {agents.Condition.LISTENING},
                    {one.agent for one in status.hosts[1:]},
                )
                self.lab.down()
                self.assert_gone(self.lab)


class ServiceTestCase(_LifeTestCase):
    """Agents and the broker."""

    def agent(self, host: str) -> agents.Condition | None:
        """Return how a host's agent is."""
        (found,) = [x for x in self.lab.status().hosts if x.name == host]
        return found.agent

    def connections(self, host: str) -> int:
        """Return how many connections a host has to the broker."""
        done = self.lab.exec(
            host,
            [
                *("ss", "-H", "-t", "state", "established"),
                f"dport = :{configuration.BROKER_PORT}",
            ],
        )
        self.assertEqual(0, done.returncode, done.stderr)
        return len(done.stdout.splitlines())

    def test_agents_and_broker(self) -> None:
        self.lab.up(hosts=2, broker=True)
        self.assertIs(True, self.lab.status().broker)
        with self.subTest("agent"):
            self.assertTrue(self.lab.stop_agent("compute1"))
            self.assertIs(agents.Condition.STOPPED, self.agent("compute1"))
            self.lab.start_agent("compute1")
            self.assertIs(agents.Condition.LISTENING, self.agent("compute1"))
            self.assertGreater(self.connections("compute1"), 0)
            with self.assertRaisesRegex(errors.LabError, "controller is not"):
                self.lab.stop_agent("controller")
        with self.subTest("agent-stopped"):
            self.lab.fault("agent-stopped", hosts=["compute2"])
            self.assertIs(agents.Condition.STOPPED, self.agent("compute2"))
            self.lab.heal()
            self.assertIs(agents.Condition.LISTENING, self.agent("compute2"))
        with self.subTest("agent-frozen"):
            self.lab.fault("agent-frozen", hosts=["compute2"])
            self.assertIs(agents.Condition.FROZEN, self.agent("compute2"))
            self.assertFalse(self.answers("compute2"))
            self.lab.heal()
            self.assertIs(agents.Condition.LISTENING, self.agent("compute2"))
            self.assertTrue(self.answers("compute2"))
        with self.subTest("broker-stopped"):
            self.lab.fault("broker-stopped")
            self.assertIs(False, self.lab.status().broker)
            self.lab.heal()
            self.assertIs(True, self.lab.status().broker)
            self.assertGreater(self.connections("compute2"), 0)
        with self.subTest("mended"):
            self.lab.kill_broker()
            self.lab.stop_agent("compute2")
            self.assertIs(False, self.lab.status().broker)
            self.assertTrue(self.lab.up(hosts=2, broker=True))
            self.assertIs(True, self.lab.status().broker)
            self.assertIs(agents.Condition.LISTENING, self.agent("compute2"))
        self.lab.down()
        self.assert_gone(self.lab)

    def answers(self, host: str) -> bool:
        """Return whether a host's listener answers within two seconds."""
        script = (
            "import socket, sys\n"
            f"peer = socket.create_connection(({host!r}, 9698), 2)\n"
            "peer.settimeout(2)\n"
            "peer.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\n"
            "sys.exit(not peer.recv(1))\n"
        )
        done = self.lab.exec("controller", [sys.executable, "-c", script])
        return done.returncode == 0

    def test_without_a_broker(self) -> None:
        self.lab.up(hosts=1)
        self.assertIsNone(self.lab.status().broker)
        for action in (self.lab.start_broker, self.lab.stop_broker):
            with self.assertRaisesRegex(errors.LabError, "no broker"):
                action()
        with self.assertRaisesRegex(errors.LabError, "has no broker"):
            self.lab.fault("broker-stopped")
        self.assertEqual((), self.lab.status().faults)

    def test_an_agent_that_ends_is_told_with_its_last_words(self) -> None:
        self.lab.up(hosts=1)
        self.lab.stop_agent("compute1")
        self.lab.exec(
            "compute1", ["sh", "-c", "echo '[' >/etc/steth/steth.conf"]
        )
        with self.assertRaisesRegex(
            errors.LabError, r"(?s)agent on compute1 ended:\n.*steth\.conf:1"
        ):
            self.lab.start_agent("compute1")

    def test_the_machine_listens_on_nothing_new(self) -> None:
        own = processes.read(os.getpid())
        assert own is not None
        before = services.listening(own)
        self.lab.up(hosts=1, broker=True)
        self.assertNotIn(
            configuration.BROKER_PORT, services.listening(own) - before
        )
        self.assertNotIn(
            contract.DIRECT_PORT, services.listening(own) - before
        )
