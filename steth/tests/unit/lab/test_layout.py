# SPDX-License-Identifier: Apache-2.0
"""The plan of a lab."""

import ipaddress
import unittest

from steth.lab import layout


class LayoutTestCase(unittest.TestCase):
    """Names and addresses of hosts."""

    def test_hosts_of_a_small_lab(self) -> None:
        hosts = layout.hosts(layout.Shape(hosts=2))
        self.assertEqual(
            ["controller", "compute1", "compute2"], [one.name for one in hosts]
        )
        self.assertEqual(("10.77.0.1",), hosts[0].addresses)
        self.assertEqual(
            ("10.77.0.12", "10.77.1.12", "10.77.2.12"), hosts[2].addresses
        )

    def test_a_gateway(self) -> None:
        shape = layout.Shape(hosts=2, gateway=True)
        hosts = layout.hosts(shape)
        self.assertEqual("gateway", hosts[1].name)
        self.assertNotIn(hosts[1], layout.computes(shape))
        self.assertEqual(
            {"10.77.0.253"},
            {one.gateway for one in layout.computes(shape)},
        )
        self.assertIn("a gateway", str(shape))

    def test_the_largest_lab_has_addresses_for_all(self) -> None:
        hosts = layout.hosts(
            layout.Shape(hosts=layout.MAX_HOSTS, gateway=True)
        )
        for network in layout.NETWORKS:
            subnet = ipaddress.ip_network(network.subnet)
            taken = [
                one.address(network)
                for one in hosts
                if network in one.networks
            ]
            taken.append(network.router)
            self.assertEqual(len(taken), len(set(taken)))
            for address in taken:
                self.assertIn(ipaddress.ip_address(address), subnet)
                self.assertNotEqual(
                    subnet.broadcast_address, ipaddress.ip_address(address)
                )

    def test_names_of_ports_fit_a_device(self) -> None:
        hosts = layout.hosts(layout.Shape(hosts=layout.MAX_HOSTS))
        ports = [
            host.port(network) for host in hosts for network in host.networks
        ]
        self.assertEqual(len(ports), len(set(ports)))
        self.assertLessEqual(max(map(len, ports)), 15)

    def test_shape_is_told_to_people(self) -> None:
        self.assertEqual("1 host, no broker", str(layout.Shape(hosts=1)))
        self.assertEqual(
            "3 hosts, a broker, TLS, no agents",
            str(layout.Shape(broker=True, tls=True, agents=False)),
        )

    def test_network_by_name(self) -> None:
        self.assertIs(layout.STORAGE, layout.network("storage"))
        self.assertIsNone(layout.network("provider"))
