# SPDX-License-Identifier: Apache-2.0
"""Physical networks as the configuration describes them."""

import pathlib
import tempfile
import unittest

from oslo_config import cfg

from steth.conf import inventory
from steth.conf import load
from steth.model import inventory as model

_NAMED = "[inventory]\nhosts = a:192.0.2.1\nphysical_networks = p\n"
_SECTION = "[physical_network:p]\ninterface = *:eth3\n"


class PhysicalNetworkTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / "steth.conf"

    def load(self, content: str) -> cfg.ConfigOpts:
        self.file.write_text(content)
        return load.load([str(self.file)], conf=cfg.ConfigOpts())

    def assert_refused(self, content: str, said: str) -> None:
        with self.assertRaisesRegex(load.ConfigError, said):
            self.load(content)

    def test_a_good_one(self) -> None:
        conf = self.load(f"{_NAMED}{_SECTION}vlans = 100-101,102,300\n")
        self.assertEqual(
            (
                model.ExpectedPhysicalNetwork(
                    name="p", interfaces={"*": "eth3"}, vlans="100-102,300"
                ),
            ),
            inventory.read(conf).physical_networks,
        )

    def test_bad_ones(self) -> None:
        for more, said in (
            ("vlans = 0\n", r"\[physical_network:p\] vlans: VLAN 0"),
            ("vlans = 9-5\n", "reversed"),
            ("vlans = 1-5,5\n", "given twice"),
            ("hosts = b\n", r"\] hosts: b is not in \[inventory\] hosts"),
            ("vlan = 5\n", "did you mean 'vlans'"),
        ):
            with self.subTest(more=more):
                self.assert_refused(_NAMED + _SECTION + more, said)

    def test_dhcp_servers(self) -> None:
        named = _NAMED + "networks = n\n" + _SECTION
        network = "[network:n]\ncidr = 192.0.2.0/24\n"
        servers = "dhcp_servers = 192.0.2.5, 192.0.2.6\n"
        known = inventory.read(self.load(named + servers + network + servers))
        expected = ("192.0.2.5", "192.0.2.6")
        self.assertEqual(expected, known.networks[0].dhcp_servers)
        self.assertEqual(expected, known.physical_networks[0].dhcp_servers)
        for section in ("physical_network:p", "network:n"):
            bad = "dhcp_servers = dns1\n"
            content = named + network + bad
            if section != "network:n":
                content = named + bad + network
            self.assert_refused(
                content, rf"\[{section}\] dhcp_servers: 'dns1'"
            )

    def test_gateways(self) -> None:
        content = (
            "[inventory]\nnetworks = n\n[network:n]\n"
            "cidr = 192.0.2.0/24, 2001:db8::/64\ngateway = "
        )
        for good in ("192.0.2.1", "192.0.2.1, 2001:db8::1", "fe80::1"):
            (known,) = inventory.read(self.load(content + good)).networks
            self.assertEqual(tuple(good.split(", ")), known.gateways)
        for bad, said in (
            ("198.51.100.1", "198.51.100.1 is not in 192.0.2.0/24, 2001"),
            ("router", "'router'"),
        ):
            self.assert_refused(
                content + bad, rf"\[network:n\] gateway: {said}"
            )

    def test_no_interface(self) -> None:
        self.assert_refused(_NAMED, r"\[physical_network:p\] interface is")

    def test_one_that_nobody_names(self) -> None:
        self.assert_refused(
            _SECTION,
            "describes a physical network that .inventory. "
            "physical_networks does not name: add p",
        )
