# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check bandwidth`` in a lab, and what it leaves behind.

The lab's hosts share one machine's processors, which are busy: that is no
fault.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import deadline
from steth.lab import lab as lab_module
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
NETWORK = "tunnel"
_TIMEOUT = 15.0


class BandwidthTestCase(unittest.TestCase):
    """One lab for all tests; each leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("iperf3")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=4, broker=True)

    def setUp(self) -> None:
        self.addCleanup(self.lab.heal)

    def check(
        self, *arguments: str, network: str = NETWORK
    ) -> tuple[int, dict[str, Any], str]:
        """Run the check; return its exit code, report and notes."""
        done = self.lab.openstack(
            *("steth", "check", "bandwidth", "-f", "json"),
            *("--network", network, "--duration", "1", *arguments),
        )
        self.assertTrue(done.stdout, done.stderr)
        self.assertEqual([], self.iperf3(), "left behind")
        return done.returncode, json.loads(done.stdout), done.stderr

    def iperf3(self) -> list[str]:
        """Return the iperf3 processes of all hosts."""
        found = []
        for host in ("compute1", "compute2", "compute3", "compute4"):
            done = self.lab.exec(host, ["pgrep", "-x", "-a", "iperf3"])
            found += [f"{host}: {line}" for line in done.stdout.splitlines()]
        return found

    def assert_healthy(self, *arguments: str) -> dict[str, Any]:
        """Run the check and find nothing; return the network's row."""
        code, told, said = self.check(*arguments)
        self.assertEqual([], told["findings"], json.dumps(told, indent=1))
        self.assertEqual("healthy", told["verdict"])
        self.assertEqual(report.ExitCode.HEALTHY, code)
        self.assertIn("load on the network", said)
        (row,) = told["checks"][0]["measurements"]["networks"]
        return dict(row)

    def assert_slow_host(self, *arguments: str) -> str:
        """Run the check and find the rate limit; return what it says."""
        code, told, _ = self.check(*arguments)
        self.assertEqual(
            [("underlay-bandwidth-host", HOST, "eth1", NETWORK)],
            [
                (
                    one["code"],
                    one["location"]["host"],
                    one["location"]["device"],
                    one["location"]["network"],
                )
                for one in told["findings"]
            ],
            json.dumps(told, indent=1),
        )
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        (row,) = told["checks"][0]["measurements"]["networks"]
        self.assertEqual(HOST, row["slowest_host"])
        return str(told["findings"][0]["summary"])

    def test_health(self) -> None:
        row = self.assert_healthy()
        self.assertEqual((6, 6), (row["pairs_tested"], row["pairs"]))
        self.assertEqual(12, len(row["tests"]))
        row = self.assert_healthy("--simultaneous", "--rounds", "1")
        self.assertEqual(4, len(row["tests"]))

    def test_health_on_a_busy_machine(self) -> None:
        spinning = [
            subprocess.Popen(["sh", "-c", "while :; do :; done"])
            for _ in range(os.cpu_count() or 1)
        ]
        try:
            self.assert_healthy("--rounds", "2")
        finally:
            for one in spinning:
                one.kill()
                one.wait()

    def test_udp(self) -> None:
        row = self.assert_healthy(
            *("--protocol", "udp", "--rate", "20", "--rounds", "1")
        )
        for test in row["tests"]:
            self.assertLess(test["lost_percent"], 5.0)
            self.assertIsNotNone(test["jitter_ms"])

    def test_rate_limited(self) -> None:
        self.lab.fault("rate-limited", hosts=[HOST], network=NETWORK)
        said = self.assert_slow_host()
        self.assertRegex(said, "receives at most (19|20|21) Mbit/s")
        self.assert_slow_host("--simultaneous", "--rounds", "2")

    def test_without_iperf3_on_a_host(self) -> None:
        program = str(shutil.which("iperf3"))
        self.lab.exec(HOST, ["mount", "--bind", "/dev/null", program])
        try:
            code, told, _ = self.check("--rounds", "3")
        finally:
            self.lab.exec(HOST, ["umount", program])
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertEqual(
            [("agent-operation-failed", HOST)],
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
        )
        self.assertIn("iperf3 is not installed", told["checks"][0]["reason"])

    def test_controller_killed(self) -> None:
        """Its servers and clients are gone soon, with nobody who asks."""
        command = self.lab.command(
            "controller",
            [
                *(_openstack(), "steth", "check", "bandwidth"),
                *("--network", NETWORK, "--duration", "3"),
            ],
        )
        with subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as controller:
            try:
                self.assertTrue(
                    deadline.until(lambda: len(self.iperf3()) > 1, _TIMEOUT)
                )
            finally:
                os.killpg(controller.pid, signal.SIGKILL)
        started = time.monotonic()
        self.assertTrue(
            deadline.until(lambda: not self.iperf3(), _TIMEOUT), self.iperf3()
        )
        self.assertLess(time.monotonic() - started, 10.0)


def _openstack() -> str:
    return str(pathlib.Path(sys.executable).with_name("openstack"))
