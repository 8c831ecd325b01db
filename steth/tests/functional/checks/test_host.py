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
from steth.tests.functional.osc import openvswitch

HOST = "compute2"
PEER = "compute3"
NIC = "eth1"
PORT = f"{HOST}-{NIC}"
NETWORK = "tunnel"

_HOSTNAME = "/proc/sys/kernel/hostname"
_HOSTS = "/etc/hosts"
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

    def address(self, host: str) -> str:
        told = json.loads(
            self.inside(host, "ip", "-json", "-4", "address", "show", NIC)
        )
        return str(told[0]["addr_info"][0]["local"])

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

    def test_a_bridge_that_open_vswitch_cannot_make(self) -> None:
        """It may not use the kernel here, as if the module were missing."""
        needs.programs(*openvswitch.PROGRAMS)
        openvswitch.start(self.lab, HOST)
        self.addCleanup(openvswitch.end, self.lab, HOST, "ovsdb-server")
        self.addCleanup(openvswitch.end, self.lab, HOST, "ovs-vswitchd")
        openvswitch.vsctl(
            self.lab,
            HOST,
            "add-br br-int",
            "set bridge br-int datapath_type=netdev",
            "add-br br-ex",
        )
        found = self.assert_found("ovs-bridge-not-created", HOST)["found"]
        self.assertEqual("br-ex", found["location"]["device"])
        openvswitch.vsctl(self.lab, HOST, "del-br br-ex")
        self.assert_healthy()

    def test_the_same_addresses_twice(self) -> None:
        before = self.mac(HOST)
        link = ["ip", "link", "set", NIC, "address"]
        self.lab.fault(
            "address-duplicate", hosts=[HOST], peer=PEER, network=NETWORK
        )
        self.inside(HOST, *link, self.mac(PEER))
        try:
            code, told = self.check()
        finally:
            self.inside(HOST, *link, before)
            self.lab.heal()
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        mac, address = told["findings"]
        self.assertEqual(
            [
                ("underlay-mac-duplicate", None, NETWORK),
                ("underlay-address-duplicate", HOST, NETWORK),
            ],
            [
                (
                    one["code"],
                    one["location"]["host"],
                    one["location"]["network"],
                )
                for one in (mac, address)
            ],
        )
        self.assertEqual(
            [HOST, PEER], [one["host"] for one in mac["evidence"]]
        )

    def test_names(self) -> None:
        """It bears another's name, and does not know the others'."""
        hosts = ("compute1", HOST, PEER)
        before = {one: self.inside(one, "cat", _HOSTS) for one in hosts}
        known = "".join(f"{self.address(one)} {one}\n" for one in hosts)
        try:
            self._write(HOST, _HOSTNAME, PEER)
            for host in hosts:
                wrong = "192.0.2.99 compute1\n"
                self._write(host, _HOSTS, wrong if host == HOST else known)
            _, told = self.check()
        finally:
            self._write(HOST, _HOSTNAME, HOST)
            for host, text in before.items():
                self._write(host, _HOSTS, text)
        self.assertEqual(
            [
                ("host-name-duplicate", None),
                ("host-name-unresolved", HOST),
                ("host-name-wrong", HOST),
            ],
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
        )
        self.assertEqual(
            [HOST, PEER],
            [one["host"] for one in told["findings"][0]["evidence"]],
        )

    def test_an_address_with_the_name_of_another_host(self) -> None:
        before = self.inside("compute1", "cat", _HOSTS)
        wrong = f"{self.address(HOST)} {PEER}\n"
        try:
            self._write("compute1", _HOSTS, wrong + before)
            found = self.assert_found("host-name-reversed", "compute1")
        finally:
            self._write("compute1", _HOSTS, before)
        self.assertEqual(
            f"on compute1 {self.address(HOST)}, an address of {HOST}, has "
            f"the name of {PEER}",
            found["found"]["summary"],
        )

    def test_security_groups_that_do_not_hold(self) -> None:
        """As with Neutron's hybrid firewall, its bridge and a tap."""
        setting = "net.bridge.bridge-nf-call-iptables"
        script = (
            "ip link add qbr1 type bridge && ip link add tap1 type veth peer "
            "name qvb1 && ip link set tap1 master qbr1"
        )
        self.inside(HOST, "sh", "-e", "-c", script)
        try:
            self.assert_bridge_netfilter(setting)
        finally:
            self.inside(HOST, "ip", "link", "del", "tap1")
            self.inside(HOST, "ip", "link", "del", "qbr1")

    def assert_bridge_netfilter(self, setting: str) -> None:
        file = f"/proc/sys/{setting.replace('.', '/', 2)}"
        loaded = self.lab.exec(HOST, ["test", "-e", file]).returncode == 0
        if loaded:
            self.inside(HOST, "sysctl", "-q", "-w", f"{setting}=0")
        try:
            found = self.assert_found("host-bridge-netfilter-off", HOST)
        finally:
            if loaded:
                self.inside(HOST, "sysctl", "-q", "-w", f"{setting}=1")
        self.assertEqual(["bridges qbr1"], found["found"]["affects"])
        if loaded:
            self.assert_healthy()

    def _write(self, host: str, file: str, text: str) -> None:
        self.inside(host, "sh", "-c", f'printf %s "$1" >{file}', "sh", text)

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
        ping = (
            f"echo $$ >{_PID}; "
            f"exec ping -q -n -i 0.05 -M do -s 4000 -w 60 {self.address(PEER)}"
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
