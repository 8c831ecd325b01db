# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check host`` in a lab with real faults.

Speed, duplex, CRC errors and bonds cannot be faked on the lab's links: those
are in the unit tests only.
"""

from collections.abc import Iterator
import contextlib
import json
import pathlib
import subprocess
from typing import Any

from steth.lab import agents
from steth.lab import layout
from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases

HOST = "compute2"
PEER = "compute3"
NIC = "eth1"
PORT = f"{HOST}-{NIC}"
NETWORK = "tunnel"

_HOSTNAME = "/proc/sys/kernel/hostname"
_PID = "/run/steth/ping.pid"


class HostTestCase(cases.LabTestCase):
    """A fault is found on its host, once; health is silent."""

    def check(self) -> tuple[int, dict[str, Any]]:
        done = self.steth("check", "host", "-f", "json")
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def assert_healthy(self) -> dict[str, Any]:
        code, told = self.check()
        self.assertEqual([], told["findings"])
        self.assertEqual(report.ExitCode.HEALTHY, code, told)
        return told

    def assert_found(self, code: str, host: str | None) -> dict[str, Any]:
        exit_code, told = self.check()
        (found,) = told["findings"]
        self.assertEqual(
            (code, host), (found["code"], found["location"]["host"]), told
        )
        self.assertEqual(
            report.ExitCode.FAULT_FOUND
            if found["severity"] == "critical"
            else report.ExitCode.HEALTHY,
            exit_code,
        )
        return {"found": found, "told": told}

    def mac(self, host: str) -> str:
        return self.inside(
            host, "cat", f"/sys/class/net/{NIC}/address"
        ).strip()

    def test_health(self) -> None:
        (check,) = self.assert_healthy()["checks"]
        rows = check["measurements"]["hosts"]
        self.assertEqual(
            [(f"compute{number}", 3, 3, "passed") for number in (1, 2, 3)],
            [
                (
                    one["hostname"],
                    one["interfaces_up"],
                    one["interfaces"],
                    one["status"],
                )
                for one in rows
            ],
        )
        for one in rows:
            # All of them read one clock.
            self.assertLessEqual(
                abs(one["clock_offset_ms"]), one["clock_error_ms"]
            )
            self.assertGreaterEqual(one["seconds_watched"], 2.5)

    def test_the_same_mac_address_twice(self) -> None:
        before = self.mac(HOST)
        self.inside(HOST, "ip", "link", "set", NIC, "address", self.mac(PEER))
        try:
            found = self.assert_found("underlay-mac-duplicate", None)["found"]
        finally:
            self.inside(HOST, "ip", "link", "set", NIC, "address", before)
        self.assertEqual(NETWORK, found["location"]["network"])
        self.assertEqual(
            [HOST, PEER], [one["host"] for one in found["evidence"]]
        )

    def test_the_same_host_name_twice(self) -> None:
        self.inside(HOST, "sh", "-c", f"echo {PEER} >{_HOSTNAME}")
        try:
            found = self.assert_found("host-name-duplicate", None)["found"]
        finally:
            self.inside(HOST, "sh", "-c", f"echo {HOST} >{_HOSTNAME}")
        self.assertEqual(
            [HOST, PEER], [one["host"] for one in found["evidence"]]
        )

    def test_faults_of_links_and_addresses(self) -> None:
        for fault, code in (
            ("no-carrier", "underlay-no-carrier"),
            ("address-duplicate", "underlay-address-duplicate"),
        ):
            with self.subTest(fault=fault):
                self.lab.fault(
                    fault,
                    hosts=[HOST],
                    peer=PEER if fault == "address-duplicate" else None,
                    network=NETWORK,
                )
                try:
                    self.assert_found(code, HOST)
                finally:
                    self.lab.heal()

    def test_drops_that_grow(self) -> None:
        """The link's other end takes no frame that long: veth drops it."""
        needs.programs("ping")
        switch = ["ip", "link", "set", PORT, "mtu"]
        self.inside(layout.SWITCH, *switch, "1500")
        try:
            with self._sending_long_packets():
                found = self.assert_found("host-drops-grow", HOST)["found"]
        finally:
            self.inside(layout.SWITCH, *switch, "9000")
        self.assertEqual(NIC, found["location"]["device"])
        self.assertIn("tx dropped", found["evidence"][0]["expected"])

    @contextlib.contextmanager
    def _sending_long_packets(self) -> Iterator[None]:
        address = self.inside(
            PEER, "ip", "-json", "-4", "address", "show", NIC
        )
        target = json.loads(address)[0]["addr_info"][0]["local"]
        ping = (
            f"echo $$ >{_PID}; "
            f"exec ping -q -n -i 0.05 -M do -s 4000 -w 60 {target}"
        )
        with subprocess.Popen(
            self.lab.command(HOST, ["sh", "-c", ping]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield
            finally:
                self.inside(HOST, "sh", "-c", f"kill $(cat {_PID})")
                process.wait(10)

    def test_a_clock_that_is_off(self) -> None:
        """Only the agent's: time namespaces do not have the time of day."""
        needs.programs("faketime")
        (library,) = pathlib.Path("/usr/lib").glob(
            "*/faketime/libfaketime.so.1"
        )
        self.lab.stop_agent(HOST)
        try:
            with self.lab._changing() as (state, inits):
                init = {HOST: inits[HOST]}
                self.lab._agents._service.start(
                    init[HOST],
                    agents.ARGV,
                    {
                        "LD_PRELOAD": str(library),
                        "FAKETIME": "+5s",
                        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    },
                )
                self.lab._agents.await_ready(init)
                self.lab._builder(state).await_bus(inits)
            told = self.assert_found("host-clock-offset", HOST)["told"]
        finally:
            self.lab.stop_agent(HOST)
            self.lab.start_agent(HOST)
        (check,) = told["checks"]
        row = check["measurements"]["hosts"][1]
        self.assertAlmostEqual(
            5000, row["clock_offset_ms"], delta=row["clock_error_ms"]
        )
