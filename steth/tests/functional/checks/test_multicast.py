# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check multicast`` in a lab with real faults."""

from concurrent import futures
import json
import pathlib
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import lab as lab_module
from steth.lab.catalogue import multicast as multicast_faults
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
NETWORK = "tunnel"


class MulticastTestCase(unittest.TestCase):
    """One lab for all tests; each leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=3)

    def setUp(self) -> None:
        self.addCleanup(self.lab.heal)

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run the check; return its exit code and report."""
        done = self.lab.openstack(
            *arguments, "steth", "check", "multicast", "-f", "json"
        )
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def run_in(self, host: str, *argv: str) -> str:
        """Run a command in a host that has to succeed."""
        done = self.lab.exec(host, argv)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def assert_found(
        self, told: dict[str, Any], *found: tuple[str, str | None]
    ) -> None:
        self.assertEqual(
            list(found),
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
            json.dumps(told, indent=1),
        )

    def assert_healthy(self, code: int, told: dict[str, Any]) -> None:
        self.assert_found(told)
        self.assertEqual(
            report.ExitCode.HEALTHY, code, told["checks"][0]["reason"]
        )
        for row in told["checks"][0]["measurements"]["networks"]:
            self.assertEqual(6, row["pairs_ok"])

    def test_every_fault(self) -> None:
        for fault in multicast_faults.FAULTS:
            with self.subTest(fault=fault.name):
                self.lab.fault(fault.name, hosts=[HOST], network=NETWORK)
                code, told = self.check()
                host = None if fault.name == "multicast-nowhere" else HOST
                self.assert_found(told, (fault.finding or "", host))
                (found,) = told["findings"]
                self.assertEqual(NETWORK, found["location"]["network"])
                self.assertEqual(
                    report.ExitCode.FAULT_FOUND
                    if found["severity"] == "critical"
                    else report.ExitCode.HEALTHY,
                    code,
                )
                self.lab.heal()

    def test_two_operators_on_a_switch_that_snoops(self) -> None:
        """It only passes what a host has joined, once it has a querier."""
        bridge = ("ip", "link", "set", NETWORK, "type", "bridge")
        self.run_in(
            "switch", *bridge, "mcast_snooping", "1", "mcast_querier", "1"
        )
        self.addCleanup(
            self.run_in,
            "switch",
            *(*bridge, "mcast_snooping", "0", "mcast_querier", "0"),
        )
        with futures.ThreadPoolExecutor() as pool:
            done = [pool.submit(self.check) for _ in range(2)]
        for one in done:
            self.assert_healthy(*one.result())

    def test_ipv6(self) -> None:
        for number in (1, 2, 3):
            address = f"2001:db8::{number}/64"
            host = f"compute{number}"
            words = ("ip", "address", "replace", address, "dev", "eth1")
            self.run_in(host, *words, "nodad")
            self.addCleanup(
                self.run_in,
                host,
                *("ip", "address", "del", address, "dev", "eth1"),
            )
        file = "/run/ipv6.conf"
        change = f"/^.network:{NETWORK}/,/^$/s#^cidr = .*#&, 2001:db8::/64#"
        self.run_in(
            "controller",
            *("sh", "-c"),
            f"sed '{change}' /etc/steth/steth.conf > {file}",
        )
        code, told = self.check("--steth-config-file", file)
        self.assert_healthy(code, told)
        self.assertEqual(
            ["mgmt", "tunnel IPv4", "tunnel IPv6", "storage"],
            [
                row["network"]
                for row in told["checks"][0]["measurements"]["networks"]
            ],
        )

    def test_two_networks_on_one_interface(self) -> None:
        for number in (1, 2, 3):
            host = f"compute{number}"
            words = (f"198.51.100.{number}/24", "dev", "eth1")
            self.run_in(host, "ip", "address", "add", *words)
            self.addCleanup(self.run_in, host, "ip", "address", "del", *words)
        file = "/run/two.conf"
        second = "[network:second]\\ncidr = 198.51.100.0/24"
        self.run_in(
            "controller",
            *("sh", "-c"),
            f"sed 's/^networks = .*/&,second/; $a {second}' "
            f"/etc/steth/steth.conf > {file}",
        )
        code, told = self.check("--steth-config-file", file)
        self.assert_healthy(code, told)
        self.assertIn(
            "second",
            [
                row["network"]
                for row in told["checks"][0]["measurements"]["networks"]
            ],
        )

    def test_a_host_that_is_cut_off_is_no_fault_of_multicast(self) -> None:
        self.lab.fault("no-neighbour", hosts=[HOST], network=NETWORK)
        code, told = self.check()
        self.assert_found(told)
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertIn(f"{HOST} on {NETWORK}", told["checks"][0]["reason"])

    def test_nothing_is_left(self) -> None:
        looks = ("cat /proc/net/igmp", "cat /proc/net/packet | wc -l")
        before = [self.run_in(HOST, "sh", "-c", one) for one in looks]
        self.assert_healthy(*self.check())
        after = [self.run_in(HOST, "sh", "-c", one) for one in looks]
        self.assertEqual(before, after)
