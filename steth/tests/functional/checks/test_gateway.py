# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check gateway`` in a lab with a gateway."""

import json
import pathlib
import tempfile
from typing import Any
from typing import ClassVar
import unittest

from steth.lab import lab as lab_module
from steth.lab.catalogue import gateway as gateway_faults
from steth.model import report
from steth.tests.functional import needs

HOST = "compute2"
NETWORK = "tunnel"
#: The faults that are on the host, not on the network.
OF_HOST = {"gateway-unheard", "gateway-taken-by-host"}


class GatewayTestCase(unittest.TestCase):
    """One lab for all tests; each leaves it healthy."""

    lab: ClassVar[lab_module.Lab]

    @classmethod
    def setUpClass(cls) -> None:
        needs.root()
        needs.programs("ovs-vswitchd")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="steth-"))
        cls.lab = lab_module.Lab(directory / "lab")
        cls.addClassCleanup(directory.rmdir)
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(hosts=3, gateway=True, trunk=True)

    def setUp(self) -> None:
        self.addCleanup(self.lab.heal)

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run the check; return its exit code and report."""
        done = self.lab.openstack(
            "steth", "check", "gateway", "-f", "json", *arguments
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

    def test_every_fault(self) -> None:
        code, told = self.check()
        self.assert_found(told)
        self.assertEqual(report.ExitCode.HEALTHY, code)
        self.assertEqual(
            [
                ("mgmt", "routes"),
                (NETWORK, "configuration"),
                ("storage", "configuration"),
            ],
            [
                (row["network"], row["known_from"])
                for row in told["checks"][0]["measurements"]["gateways"]
            ],
        )
        for fault in gateway_faults.FAULTS:
            with self.subTest(fault=fault.name):
                self.lab.fault(fault.name, hosts=[HOST], network=NETWORK)
                code, told = self.check()
                self.assertEqual(report.ExitCode.FAULT_FOUND, code)
                host = HOST if fault.name in OF_HOST else None
                self.assert_found(told, (fault.finding or "", host))
                (found,) = told["findings"]
                self.assertEqual(NETWORK, found["location"]["network"])
                self.lab.heal()
        code, told = self.check()
        self.assert_found(told)

    def test_a_host_that_is_cut_off_is_no_fault_of_the_gateway(self) -> None:
        self.lab.fault("no-neighbour", hosts=[HOST], network=NETWORK)
        code, told = self.check()
        self.assert_found(told)
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertIn(
            f"{HOST} reaches no host on {NETWORK}",
            told["checks"][0]["reason"],
        )

    def test_an_interface_that_is_down(self) -> None:
        self.lab.fault("interface-down", hosts=[HOST], network=NETWORK)
        _, told = self.check("--network", NETWORK)
        self.assert_found(told, ("host-interface-down", HOST))

    def test_ipv6_and_a_tag_from_no_address(self) -> None:
        """What is asked for Neutron's external networks, as agents do it."""
        self.run_in(
            "switch",
            *("ovs-vsctl", "add-port", "leaf1", "far", "tag=300", "--"),
            *("set", "interface", "far", "type=internal"),
        )
        self.addCleanup(
            self.run_in, "switch", "ovs-vsctl", "del-port", "leaf1", "far"
        )
        self.run_in(
            "switch", "sysctl", "-qw", "net.ipv6.conf.far.disable_ipv6=0"
        )
        for line in (
            "link set far up",
            "address add 203.0.113.1/24 dev far",
            "address add 2001:db8::1/64 dev far nodad",
        ):
            self.run_in("switch", "ip", *line.split())
        shown = self.run_in("switch", "ip", "-j", "link", "show", "far")
        answered = (json.loads(shown)[0]["address"],)
        script = (
            "from oslo_config import cfg\n"
            "cfg.CONF([], project='steth', default_config_files=[])\n"
            "from steth.agent import privileged\nprivileged.start()\n"
            "from steth.agent.probe import neighbours\n"
            "from steth.rpc import requests\n"
            "found = neighbours.probe(requests.ProbeNeighbours(neighbours=["
            "requests.Neighbour(interface='eth3', vlan=vlan, address=one)"
            " for vlan in (300, 100)"
            " for one in ('203.0.113.1', '2001:db8::1')]), 1000)\n"
            "print([one.macs for one in found.results])"
        )
        for host in ("compute1", HOST):
            said = self.run_in(host, "python", "-c", script)
            self.assertEqual(str([answered, answered, (), ()]), said.strip())
        # Nobody has learned who asked.
        self.assertNotIn(
            "203.0.113.", self.run_in("switch", "ip", "neigh", "show")
        )
