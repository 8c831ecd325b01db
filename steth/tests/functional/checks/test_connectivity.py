# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check connectivity`` in a lab with real faults.

Every fault of the lab's catalogue that names a finding is put in, and the
run has to name that finding on that host, once; before and after it, the
healthy lab yields nothing.
"""

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
    broker: ClassVar[bool] = True
    tls: ClassVar[bool] = False
    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=cls.hosts, broker=cls.broker, tls=cls.tls)

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

    def assert_fault_found(self, fault: faults.Fault, *extra: str) -> None:
        """Put a fault in, find it, take it back."""
        host: str | None = HOST
        hosts = [HOST]
        if fault.scope is faults.Scope.GROUP:
            host, hosts = None, ["compute1", HOST]
        if fault.name == "mtu-reported":
            host = None
        self.lab.fault(
            fault.name,
            hosts=hosts,
            peer=PEER if fault.peer is faults.Peer.REQUIRED else None,
            network=NETWORK if fault.scope is not faults.Scope.HOST else None,
        )
        try:
            found = self.assert_found(fault.finding or "", host, *extra)
        finally:
            self.lab.heal()
        if fault.scope is not faults.Scope.HOST:
            self.assertEqual(NETWORK, found["location"]["network"])

    def assert_every_fault_found(self) -> dict[str, Any]:
        """Find every fault of the catalogue; return the last, well report."""
        self.assert_healthy()
        for fault in catalogue.CATALOGUE.values():
            if fault.finding is None or fault.check != "connectivity":
                continue
            with self.subTest(fault=fault.name):
                self.assert_fault_found(fault)
        return self.assert_healthy()


class BusTestCase(_LabTestCase):
    """With a broker."""

    def test_every_fault(self) -> None:
        told = self.assert_every_fault_found()
        self.assertEqual({"bus"}, {one["transport"] for one in told["agents"]})

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


class DirectTestCase(_LabTestCase):
    """Without a broker, over TLS with client certificates."""

    broker = False
    tls = True

    def test_every_fault(self) -> None:
        told = self.assert_every_fault_found()
        self.assertEqual(
            {"direct"}, {one["transport"] for one in told["agents"]}
        )


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
