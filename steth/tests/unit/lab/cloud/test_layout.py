# SPDX-License-Identifier: Apache-2.0
"""The plan of a cloud."""

import ipaddress
import unittest

from steth.lab import layout as base
from steth.lab.cloud import layout

LARGEST = layout.Shape(computes=layout.MAX_COMPUTES)


class LayoutTestCase(unittest.TestCase):
    """Names and addresses of hosts, and the ports they are plugged in."""

    def test_hosts_of_a_small_cloud(self) -> None:
        hosts = layout.hosts(layout.Shape(computes=2))
        self.assertEqual(
            [
                *("controller", "network1", "compute1", "compute2"),
                *("gateway", "server"),
            ],
            [one.name for one in hosts],
        )
        self.assertEqual(("10.77.0.12", "10.77.1.12"), hosts[3].addresses)

    def test_no_two_hosts_share_an_address(self) -> None:
        hosts = layout.hosts(LARGEST)
        taken = [address for one in hosts for address in one.addresses]
        self.assertEqual(len(taken), len(set(taken)))
        for host in hosts:
            for network in host.networks:
                self.assertIn(
                    ipaddress.ip_address(host.address(network)),
                    ipaddress.ip_network(network.subnet),
                )

    def test_names_of_ports_fit_a_device(self) -> None:
        ports = [one.name for one in layout.trunk_ports(LARGEST)]
        ports += [
            host.port(network)
            for host in layout.hosts(LARGEST)
            for network in host.networks
        ]
        self.assertEqual(len(ports), len(set(ports)))
        self.assertLessEqual(max(map(len, ports)), 15)

    def test_trunks_and_access_ports(self) -> None:
        ports = {one.name: one for one in layout.trunk_ports(layout.Shape())}
        trunk = ports["compute1-eth2"]
        self.assertIsNone(trunk.tag)
        self.assertEqual((100, 300), (trunk.vlans[0], trunk.vlans[-1]))
        self.assertEqual(500, ports["network1-eth3"].tag)
        self.assertEqual(500, ports["gateway-ext0"].tag)
        self.assertEqual(300, ports["gateway-prov0"].tag)
        self.assertNotIn("compute1-eth3", ports)
        carried = {one.tag for one in ports.values() if one.tag}
        carried.update(trunk.vlans)
        self.assertEqual(carried, set(layout.UPLINK_VLANS))

    def test_computes_are_on_both_switches(self) -> None:
        computes = layout.computes(layout.Shape(computes=2))
        self.assertEqual(base.LEAVES, tuple(one.leaf for one in computes))

    def test_the_tunnel_address_is_on_a_bridge(self) -> None:
        for one in layout.nodes(layout.Shape()):
            self.assertEqual((base.TUNNEL,), one.bridged)

    def test_shape_is_told_to_people(self) -> None:
        self.assertEqual(
            "1 compute, mechanism openvswitch, firewall openvswitch",
            str(layout.Shape(computes=1)),
        )
        self.assertEqual(
            "2 computes, mechanism ovn, distributed routers",
            str(layout.Shape(mechanism=layout.Mechanism.OVN, dvr=True)),
        )
