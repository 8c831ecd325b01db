# SPDX-License-Identifier: Apache-2.0
"""Agents send for as long as somebody waits for it, and no longer."""

from collections.abc import Iterator
import contextlib
import json
import pathlib
import subprocess
import sys
import time
from typing import Any

from steth.controller import hold
from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases

#: What goes on for a minute or longer, by the operation that it is.
COMMANDS = {
    "probe.packet_send": "packet send compute1 --interface eth1 "
    "--protocol udp --destination 10.77.1.12 --destination-port 9 "
    "--count 2000 --interval 0.05",
    "probe.icmp": "ping compute1 10.77.1.12 --count 900 --interval 0.1",
    "probe.throughput": "bandwidth compute1 compute2 --network tunnel "
    "--duration 60 --rate 1",
}
#: How long an agent may take to end something, in seconds.
_SOON = 5.0
#: An agent that sends nothing of ours sends fewer frames in a second.
_FEW = 5


class HoldTestCase(cases.LabTestCase):
    """Long commands, and what their agents do without them."""

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("iperf3")
        super().setUpClass()

    def tasks(self) -> dict[str, str]:
        """Return the ids of compute1's tasks by operation."""
        done = self.steth("task", "list", "compute1", "-f", "json")
        self.assertEqual(0, done.returncode, done.stderr)
        return {one["Operation"]: one["ID"] for one in json.loads(done.stdout)}

    def frames(self) -> int:
        """Return how many frames compute1 has sent on the network tunnel."""
        shown = self.inside(
            "compute1", "ip", "-s", "-j", "link", "show", "eth1"
        )
        told: list[dict[str, Any]] = json.loads(shown)
        return int(told[0]["stats64"]["tx"]["packets"])

    @contextlib.contextmanager
    def running(
        self, *operations: str, transport: str = "bus"
    ) -> Iterator[list["subprocess.Popen[str]"]]:
        """Run commands until their agent has begun with all of them."""
        program = str(pathlib.Path(sys.executable).with_name("openstack"))
        with contextlib.ExitStack() as stack:
            clients = []
            for name in operations:
                script = (
                    # Who runs tests in the background has Ctrl-C ignored.
                    f"echo $$ >{_pid_file(name)}; exec env "
                    f"--default-signal=INT {program} steth {COMMANDS[name]} "
                    f"--transport {transport}"
                )
                client = subprocess.Popen(
                    self.lab.command("controller", ["sh", "-c", script]),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                stack.callback(client.communicate)
                stack.callback(self.signal, "KILL", name)
                clients.append(client)
            cases.wait_for(
                lambda: set(self.tasks()) == set(operations), "all have begun"
            )
            yield clients

    def signal(self, number: str, *operations: str) -> None:
        """Send a signal to the commands, where they still run."""
        for name in operations:
            self.inside(
                "controller",
                *("sh", "-c"),
                f"kill -{number} $(cat {_pid_file(name)}) || true",
            )

    def await_frames(self) -> None:
        """Wait until more is sent than others do."""
        before = self.frames()
        cases.wait_for(
            lambda: self.frames() - before > _FEW, "frames leave the host"
        )

    def assert_silent(self) -> None:
        """Nothing is sent any more."""
        before = self.frames()
        # What must not happen takes as long as it would.
        time.sleep(1.0)
        self.assertLess(self.frames() - before, _FEW)

    def test_the_clients_are_killed(self) -> None:
        """As with kill -9: the leases end it."""
        for transport in ("bus", "direct"):
            with (
                self.subTest(transport=transport),
                self.running(*COMMANDS, transport=transport),
            ):
                self.await_frames()
                self.signal("KILL", *COMMANDS)
                cases.wait_for(
                    lambda: not self.tasks(),
                    "the agent has ended all",
                    hold.LEASE + _SOON,
                )
                self.assert_silent()

    def test_the_clients_are_interrupted(self) -> None:
        """As with Ctrl-C: the agent is told."""
        with self.running(*COMMANDS) as clients:
            self.signal("INT", *COMMANDS)
            for one in clients:
                one.communicate(timeout=30)
            cases.wait_for(
                lambda: not self.tasks(), "the agent has ended all", _SOON
            )
            self.assert_silent()

    def test_a_task_is_stopped(self) -> None:
        with self.running("probe.icmp") as (client,):
            done = self.steth(
                "task", "stop", "compute1", self.tasks()["probe.icmp"]
            )
            self.assertEqual(0, done.returncode, done.stderr)
            _, said = client.communicate(timeout=_SOON)
            self.assertIn("its task was stopped", said)
            self.assertEqual(report.ExitCode.FAILED, client.returncode)
            self.assert_silent()

    def test_what_is_waited_for_goes_on(self) -> None:
        """For longer than a lease."""
        count = int(1.5 * hold.LEASE / 0.1)
        done = self.steth(
            *("ping", "compute1", "10.77.1.12", "-f", "json"),
            *("--count", str(count), "--interval", "0.1"),
        )
        self.assertEqual(0, done.returncode, done.stderr)
        (row,) = json.loads(done.stdout)
        self.assertEqual(count, row["Sent"])
        self.assertEqual({}, self.tasks())


def _pid_file(operation: str) -> str:
    return f"/run/steth/hold-test-{operation}.pid"
