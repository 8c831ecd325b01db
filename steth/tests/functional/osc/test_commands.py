# SPDX-License-Identifier: Apache-2.0
"""``openstack steth`` as an operator types it, in a lab."""

import csv
import io
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import time

import yaml

from steth.model import report
from steth.tests.functional.controller import cases

HOSTS = ["compute1", "compute2", "compute3"]


class CommandsTestCase(cases.LabTestCase):
    """What is printed, where, and with which exit code."""

    def test_formats(self) -> None:
        def form(name: str) -> str:
            done = self.steth("agent", "list", "-f", name)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual("", done.stderr)
            return done.stdout

        hosts = [one["Host"] for one in json.loads(form("json"))]
        self.assertEqual(HOSTS, hosts)
        hosts = [one["Host"] for one in yaml.safe_load(form("yaml"))]
        self.assertEqual(HOSTS, hosts)
        hosts = [
            one["Host"] for one in csv.DictReader(io.StringIO(form("csv")))
        ]
        self.assertEqual(HOSTS, hosts)
        lines = form("value").splitlines()
        self.assertEqual(HOSTS, [line.split()[0] for line in lines])
        self.assertIn("| compute1 | up     | bus  ", form("table"))

    def test_agent_show(self) -> None:
        done = self.steth("agent", "show", "compute2", "-f", "json")
        shown = json.loads(done.stdout)
        self.assertEqual("up", shown["status"])
        self.assertEqual("10.77.0.12", shown["address"])
        self.assertEqual(["configuration"], shown["expected_by"])
        self.assertLess(abs(shown["clock_offset"]), 1)
        self.assertIn("probe.icmp", shown["operations"])

    def test_agent_show_unknown(self) -> None:
        done = self.steth("agent", "show", "compute22")
        self.assertEqual(report.ExitCode.FAILED, done.returncode)
        self.assertEqual("", done.stdout)
        self.assertEqual(1, done.stderr.count("\n"), done.stderr)
        self.assertRegex(
            done.stderr,
            r"^no agent is known as 'compute22' \(.*did you mean 'compute2.*"
            r"known hosts: compute1, compute2, compute3\n$",
        )

    def test_unknown_host_and_network(self) -> None:
        for option, said in (
            ("--host", "did you mean 'compute2'"),
            ("--network", "there is no network compute22; .*mgmt"),
        ):
            done = self.steth("check", "connectivity", option, "compute22")
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertEqual("", done.stdout)
            self.assertEqual(1, done.stderr.count("\n"), done.stderr)
            self.assertRegex(done.stderr, said)

    def test_wrong_usage(self) -> None:
        done = self.steth("check", "connectivity", "--count", "0")
        self.assertEqual(report.ExitCode.USAGE, done.returncode)
        self.assertIn("0 is not between 1 and 1000", done.stderr)

    def test_bad_configuration(self) -> None:
        config = self.changed_config(
            ("networks = ", "networks = mgmt,tunnel,storage,no")
        )
        for command in (("agent", "list"), ("check", "connectivity")):
            done = self.steth(*command, config=config)
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertEqual("", done.stdout)
            self.assertIn("[network:no] cidr is missing", done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_configuration_by_environment(self) -> None:
        config = self.changed_config(
            ("hosts = ", "hosts = compute9:10.77.0.9")
        )
        program = pathlib.Path(sys.executable).with_name("openstack")
        done = self.lab.exec(
            cases.CONTROLLER,
            [
                *("env", f"STETH_CONFIG_FILE={config}", str(program)),
                *("steth", "agent", "list", "-f", "value", "-c", "Host"),
            ],
        )
        self.assertEqual([*HOSTS, "compute9"], done.stdout.split())

    def test_check_list(self) -> None:
        done = self.steth("check", "list", "-f", "value", "-c", "Name")
        self.assertIn("connectivity", done.stdout.split())

    def test_healthy_check(self) -> None:
        done = self.steth("check", "connectivity")
        self.assertEqual(report.ExitCode.HEALTHY, done.returncode)
        self.assertEqual("", done.stderr)
        self.assertEqual(8, done.stdout.count("\n"), done.stdout)
        self.assertRegex(
            done.stdout, r"3 agents answered \(all on the bus\), [\d.]+ s\n$"
        )

    def test_chosen_hosts_and_networks(self) -> None:
        done = self.steth(
            *("check", "connectivity", "--network", "tunnel", "-f", "json"),
            *("--host", "compute1", "--host", "compute3"),
        )
        told = json.loads(done.stdout)
        self.assertEqual(
            ["compute1", "compute3"], [one["host"] for one in told["agents"]]
        )
        (network,) = told["checks"][0]["measurements"]["networks"]
        self.assertEqual(("tunnel", 2), (network["name"], network["pairs"]))

    def test_fault(self) -> None:
        self.lab.fault("no-carrier", hosts=["compute3"], network="storage")
        self.addCleanup(self.lab.heal)
        done = self.steth("check", "connectivity", "--max-width", "80")
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        self.assertIn("1 fault: underlay-no-carrier   crit", done.stdout)
        self.assertIn("  where     compute3, interface eth2", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        for form in ("json", "yaml", "csv", "value"):
            done = self.steth("check", "connectivity", "-f", form)
            self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)


class TerminalTestCase(cases.LabTestCase):
    """What is seen on a terminal, and what Ctrl-C leaves."""

    with_broker = False

    def begin(self, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
        """Start a command with its messages on a terminal."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        program = pathlib.Path(sys.executable).with_name("openstack")
        running = subprocess.Popen(
            self.lab.command(
                cases.CONTROLLER, [str(program), "steth", *arguments]
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        return running, ours

    def read_until(self, terminal: int, said: bytes) -> bytes:
        seen = b""
        while said not in seen:
            try:
                more = os.read(terminal, 4096)
            except OSError:
                more = b""
            self.assertTrue(more, f"ended before {said!r}: {seen!r}")
            seen += more
        return seen

    def read_rest(self, terminal: int) -> bytes:
        seen = b""
        while True:
            try:
                more = os.read(terminal, 4096)
            except OSError:
                # The last writer has closed it.
                return seen
            if not more:
                return seen
            seen += more

    def test_progress(self) -> None:
        running, terminal = self.begin("check", "connectivity")
        seen = self.read_until(terminal, b"packets between 3 hosts")
        seen += self.read_rest(terminal)
        output, _ = running.communicate(timeout=60)
        self.assertEqual(0, running.returncode)
        # Every sentence is wiped away, the last one too.
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen)
        self.assertNotIn(b"\n", seen)
        self.assertTrue(output.startswith(b"+-"))

    def test_interrupt(self) -> None:
        running, terminal = self.begin(
            "check", "connectivity", "--count", "100"
        )
        self.read_until(terminal, b"packets between 3 hosts")
        started = time.monotonic()
        # Popen's own process only waits for the one inside.
        children = pathlib.Path(
            f"/proc/{running.pid}/task/{running.pid}/children"
        )
        os.kill(int(children.read_text()), signal.SIGINT)
        rest = self.read_rest(terminal)
        output, _ = running.communicate(timeout=60)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(128 + signal.SIGINT, running.returncode)
        self.assertEqual(b"", output)
        self.assertNotIn(b"Traceback", rest)
        self.assertTrue(rest.endswith(b"\r\x1b[K"), rest)
