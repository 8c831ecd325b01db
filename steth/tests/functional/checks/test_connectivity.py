# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check connectivity`` in a lab with real faults.

Every fault of the lab's catalogue that names a finding is put in, and the
run has to name that finding on that host, once; before and after it, the
healthy lab yields nothing.
"""

from collections.abc import Callable
from concurrent import futures
import json
import pathlib
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import catalogue
from steth.lab import faults
from steth.lab import lab as lab_module
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
PEER = "compute3"
NETWORK = "tunnel"


class _LabTestCase(unittest.TestCase):
    """A lab for all tests of a class."""

    hosts: ClassVar[int] = 4
    tls: ClassVar[bool] = False
    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=cls.hosts, broker=True, tls=cls.tls)

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run the check; return its exit code and report."""
        done = self.lab.openstack(
            "steth", "check", "connectivity", "-f", "json", *arguments
        )
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def assert_healthy(self, *arguments: str) -> dict[str, Any]:
        """Run the check and find nothing; return the report."""
        code, told = self.check(*arguments)
        self.assertEqual([], told["findings"], json.dumps(told, indent=1))
        self.assertEqual("healthy", told["verdict"])
        self.assertEqual(report.ExitCode.HEALTHY, code)
        return told

    def assert_found(
        self, finding: str, host: str | None, *arguments: str
    ) -> dict[str, Any]:
        """Run the check and find one fault; return it."""
        code, told = self.check(*arguments)
        self.assertEqual(
            [(finding, host)],
            [
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ],
            json.dumps(told, indent=1),
        )
        self.assertEqual(
            report.ExitCode.HEALTHY
            if told["findings"][0]["severity"] == "warning"
            else report.ExitCode.FAULT_FOUND,
            code,
        )
        found: dict[str, Any] = told["findings"][0]
        return found


class EveryFaultTestCase(_LabTestCase):
    """By two operators at once: on the bus, and over TLS with certificates."""

    tls = True
    transports: ClassVar[tuple[str, ...]] = ("bus", "direct")

    def assert_by_each(self, assertion: Callable[[str], object]) -> None:
        """Have each operator assert something, which takes a transport."""
        with futures.ThreadPoolExecutor() as pool:
            asserted = [
                (transport, pool.submit(assertion, transport))
                for transport in self.transports
            ]
        for transport, future in asserted:
            with self.subTest(transport=transport):
                future.result()

    def assert_all_healthy(self) -> None:
        def healthy(transport: str) -> None:
            told = self.assert_healthy("--transport", transport)
            self.assertEqual(
                {transport}, {one["transport"] for one in told["agents"]}
            )

        self.assert_by_each(healthy)

    def assert_fault_found(self, fault: faults.Fault) -> None:
        """Put a fault in, find it, take it back."""
        host: str | None = HOST
        hosts = [HOST]
        if fault.scope is faults.Scope.GROUP:
            host, hosts = None, ["compute1", HOST]
        if fault.name == "mtu-reported":
            host = None

        def found(transport: str) -> None:
            one = self.assert_found(
                fault.finding or "", host, "--transport", transport
            )
            if fault.scope is not faults.Scope.HOST:
                self.assertEqual(NETWORK, one["location"]["network"])

        self.lab.fault(
            fault.name,
            hosts=hosts,
            peer=PEER if fault.peer is faults.Peer.REQUIRED else None,
            network=NETWORK if fault.scope is not faults.Scope.HOST else None,
        )
        try:
            self.assert_by_each(found)
        finally:
            self.lab.heal()

    def test_every_fault(self) -> None:
        self.assert_all_healthy()
        for fault in catalogue.CATALOGUE.values():
            if fault.finding is None or fault.check != "connectivity":
                continue
            with self.subTest(fault=fault.name):
                self.assert_fault_found(fault)
        self.assert_all_healthy()


class OthersTestCase(_LabTestCase):
    """What is not one fault of the catalogue."""

    def test_one_direction_to_one_peer(self) -> None:
        self.lab.fault(
            "one-way-loss", hosts=[HOST], peer=PEER, network=NETWORK
        )
        try:
            self.assert_found("underlay-one-way", HOST)
        finally:
            self.lab.heal()

    def test_two_faults(self) -> None:
        self.lab.fault("no-carrier", hosts=["compute1"], network="storage")
        self.lab.fault("mtu-path", hosts=[HOST], network=NETWORK)
        try:
            code, told = self.check()
        finally:
            self.lab.heal()
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        self.assertEqual(
            [
                ("underlay-mtu-black-hole", HOST),
                ("underlay-no-carrier", "compute1"),
            ],
            sorted(
                (one["code"], one["location"]["host"])
                for one in told["findings"]
            ),
        )

    def test_swapped_cables(self) -> None:
        """Every ping is answered, over the links of the other network."""
        cables = {"eth1": "tunnel", "eth2": "storage"}
        crossed = dict(zip(cables, reversed(cables.values()), strict=True))
        try:
            self.plug(crossed)
            told = self.assert_found("underlay-wrong-interface", HOST)
        finally:
            self.plug(cables)
        self.assertEqual("tunnel, storage", told["location"]["network"])

    def plug(self, cables: dict[str, str]) -> None:
        """Put the cables of a host into networks, and forget what was."""
        for nic, network in cables.items():
            self.lab.exec(
                "switch",
                ["ip", "link", "set", f"{HOST}-{nic}", "master", network],
            )
            for host in ("compute1", HOST, PEER, "compute4"):
                self.lab.exec(host, ["ip", "neigh", "flush", "dev", nic])

    def test_broker_stopped(self) -> None:
        self.lab.fault("broker-stopped")
        try:
            told = self.assert_healthy()
            self.assertEqual(
                {"direct"}, {one["transport"] for one in told["agents"]}
            )
            self.lab.fault("mtu-path", hosts=[HOST], network=NETWORK)
            self.assert_found("underlay-mtu-black-hole", HOST)
        finally:
            self.lab.heal()


class SizeTestCase(unittest.TestCase):
    """Healthy labs of other sizes yield nothing."""

    def test_sizes(self) -> None:
        for hosts in (3, 10, 50):
            with self.subTest(hosts=hosts):
                case = type("Sized", (_LabTestCase,), {"hosts": hosts})(
                    "assert_healthy"
                )
                try:
                    case.setUpClass()
                    told = case.assert_healthy()
                finally:
                    case.doClassCleanups()
                self.assertEqual(hosts, len(told["agents"]))
                for network in told["checks"][0]["measurements"]["networks"]:
                    self.assertEqual(hosts * (hosts - 1), network["pairs_ok"])
