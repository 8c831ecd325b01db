# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check rogue-dhcp`` in a lab with real DHCP servers."""

from concurrent import futures
import json
import pathlib
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import lab as lab_module
from steth.lab.catalogue import dhcp as dhcp_faults
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
NETWORK = "storage"
#: The address of the machine without an agent that serves DHCP.
FOREIGN = "10.77.2.254"


class RogueDhcpTestCase(unittest.TestCase):
    """One lab for all tests; each leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("dnsmasq", "ovs-vswitchd")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=3, broker=True, trunk=True)

    def setUp(self) -> None:
        self.addCleanup(self.lab.heal)

    def check(
        self, *arguments: str, expected: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Run the check; return its exit code and report.

        :param expected: the servers that the configuration names
        """
        words = ["steth", "check", "rogue-dhcp", "-f", "json", *arguments]
        if expected:
            file = "/run/expected.conf"
            line = f"/^.network:{NETWORK}/a dhcp_servers = {expected}"
            self.run_in(
                "controller",
                *("sh", "-c"),
                f"sed '{line}' /etc/steth/steth.conf > {file}",
            )
            words = ["--steth-config-file", file, *words]
        done = self.lab.openstack(*words)
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def run_in(self, host: str, *argv: str) -> str:
        """Run a command in a host that has to succeed."""
        done = self.lab.exec(host, argv)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def assert_found(
        self,
        told: dict[str, Any],
        *found: tuple[str, str | None],
    ) -> None:
        self.assertEqual(
            list(found),
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
            json.dumps(told, indent=1),
        )

    def test_every_fault_for_two_operators(self) -> None:
        code, told = self.check()
        self.assert_found(told)
        self.assertEqual(report.ExitCode.HEALTHY, code)
        for fault in dhcp_faults.FAULTS:
            with self.subTest(fault=fault.name):
                self.lab.fault(fault.name, hosts=[HOST], network=NETWORK)
                with futures.ThreadPoolExecutor() as pool:
                    done = [pool.submit(self.check) for _ in range(2)]
                for one in done:
                    code, told = one.result()
                    self.assertEqual(report.ExitCode.FAULT_FOUND, code)
                    self.assert_found(
                        told,
                        (
                            "dhcp-rogue-server",
                            HOST if fault.name == "rogue-dhcp" else None,
                        ),
                    )
                    (found,) = told["findings"]
                    self.assertEqual(NETWORK, found["location"]["network"])
                self.lab.heal()

    def test_expected_servers_and_no_lease_is_taken(self) -> None:
        self.lab.fault("rogue-dhcp-foreign", network=NETWORK)
        code, told = self.check(expected=f"{FOREIGN}, 10.77.2.253")
        self.assert_found(told, ("dhcp-server-silent", None))
        self.assertEqual(report.ExitCode.HEALTHY, code)
        self.assertIn("10.77.2.253", told["findings"][0]["summary"])
        leases = self.run_in(
            "switch", "sh", "-c", "cat /run/steth/dhcp-*.leases"
        )
        self.assertEqual("", leases)

    def test_a_host_that_the_server_does_not_answer(self) -> None:
        self.lab.fault("rogue-dhcp-foreign", network=NETWORK)
        rules = (
            "table bridge deaf {\n chain output {\n"
            " type filter hook output priority 0\n"
            f' oifname "{HOST}-eth2" ether type ip udp dport 68 drop\n}}\n}}'
        )
        self.run_in("switch", "nft", rules)
        try:
            code, told = self.check(expected=FOREIGN)
        finally:
            self.run_in("switch", "nft", "delete table bridge deaf")
        self.assert_found(told, ("dhcp-server-unheard", HOST))
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)

    def test_a_host_that_is_cut_off_is_no_fault_of_dhcp(self) -> None:
        self.lab.fault("no-neighbour", hosts=[HOST], network=NETWORK)
        self.lab.fault("rogue-dhcp", hosts=["compute1"], network=NETWORK)
        code, told = self.check(expected="10.77.2.11")
        self.assert_found(told)
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertIn(HOST, told["checks"][0]["reason"])

    def test_on_a_vlan_of_the_trunk(self) -> None:
        """A server behind a tag, on a NIC without an address."""
        leaf = "leaf1"
        self.run_in(
            "switch",
            *("ovs-vsctl", "add-port", leaf, "served", "tag=300", "--"),
            *("set", "interface", "served", "type=internal"),
        )
        self.run_in("switch", "ip", "link", "set", "served", "up")
        self.run_in(
            "switch", "ip", "address", "add", "10.9.0.1/24", "dev", "served"
        )
        self.run_in(
            "switch",
            *("dnsmasq", "--conf-file=/dev/null", "--port=0", "--user=root"),
            *("--pid-file=/run/served.pid", "--interface=served"),
            *("--bind-interfaces", "--dhcp-leasefile=/run/served.leases"),
            # Without looking first, host by host, whether others have it.
            *("--dhcp-range=10.9.0.50,10.9.0.59,2m", "--no-ping"),
        )
        before = self.run_in(HOST, "ip", "-d", "link", "show")
        try:
            code, told = self.check("--physical-network", "physnet1")
        finally:
            self.run_in("switch", "sh", "-c", "kill $(cat /run/served.pid)")
            self.run_in("switch", "ovs-vsctl", "del-port", leaf, "served")
        self.assert_found(told, ("dhcp-rogue-server", None))
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        self.assertIn("physnet1 VLAN 300", told["findings"][0]["summary"])
        heard = {
            (row["vlan"], tuple(row["servers"][0]["hosts"]))
            for row in told["checks"][0]["measurements"]["networks"]
            if row["servers"]
        }
        self.assertEqual({(300, ("compute1", HOST, "compute3"))}, heard)
        self.assertEqual(before, self.run_in(HOST, "ip", "-d", "link", "show"))
