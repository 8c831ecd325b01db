# SPDX-License-Identifier: Apache-2.0
"""What is in the traffic matrix."""

from typing import Any
import unittest

import msgspec

from steth.lab.cloud import layout
from steth.lab.cloud.traffic import cell
from steth.lab.cloud.traffic import cells
from steth.tests.unit.lab.cloud.scenario import examples


class MatrixTestCase(unittest.TestCase):
    """The cells of a scenario."""

    def setUp(self) -> None:
        self.inventory = examples.inventory()

    def matrix(self, **shape: Any) -> dict[str, cell.Cell]:
        """Return the cells by name."""
        found = cells.matrix(self.inventory, layout.Shape(**shape))
        by_name = {one.name: one for one in found}
        self.assertEqual(len(found), len(by_name), "a name is there twice")
        return by_name

    def test_each_network_is_crossed_both_ways(self) -> None:
        found = self.matrix()
        for one, other in (("web1", "web2"), ("db1", "db2"), ("lan1", "lan2")):
            for what in ("l2", "mtu", "open", "blocked"):
                self.assertIn(f"{what}/{one}/{other}", found)
                self.assertIn(f"{what}/{other}/{one}", found)
        self.assertIn("l2v6/web1/web2", found)
        self.assertNotIn("l2v6/lan1/lan2", found)

    def test_full_size_is_the_network_s(self) -> None:
        found = self.matrix()
        self.assertEqual(1450, found["mtu/web1/web2"].size)
        self.assertEqual(1500, found["mtu/db1/db2"].size)

    def test_routed_cells_cross_networks_and_hosts(self) -> None:
        names = {x for x in self.matrix() if x.startswith("routed/")}
        self.assertEqual(
            {
                "routed/web1/db2",
                "routed/db2/web1",
                "routed/web2/db1",
                "routed/db1/web2",
            },
            names,
        )

    def test_the_server_has_to_see_the_right_address(self) -> None:
        found = self.matrix()
        self.assertEqual("203.0.113.99", found["snat/db1"].expected)
        self.assertEqual("203.0.113.1", found["floating-out/web1"].expected)
        self.assertEqual("10.10.0.5", found["outside/lan1"].expected)
        self.assertNotIn("snat/web1", found)

    def test_distributed_routers_let_no_ipv6_out(self) -> None:
        def outside(**shape: Any) -> set[str]:
            return {x for x in self.matrix(**shape) if "outside6/" in x}

        self.assertIn("outside6/web1", outside())
        self.assertEqual(set(), outside(dvr=True))
        ovn = layout.Mechanism.OVN
        self.assertEqual(outside(), outside(dvr=True, mechanism=ovn))

    def test_a_floating_ip_has_to_lead_to_its_instance(self) -> None:
        found = self.matrix()["floating-in/web2"]
        self.assertEqual(layout.SERVER, found.source)
        self.assertEqual("http://203.0.113.2:80/", found.target)
        self.assertEqual("web2", found.expected)

    def test_what_is_switched_off_is_not_tried(self) -> None:
        self.inventory.instances["db2"] = msgspec.structs.replace(
            self.inventory.instances["db2"], powered=False
        )
        self.assertFalse([x for x in self.matrix() if "db2" in x])

    def test_three_on_a_network_are_tried_in_a_ring(self) -> None:
        self.inventory.instances["web3"] = msgspec.structs.replace(
            self.inventory.instances["web2"], name="web3", host="compute3"
        )
        names = {x for x in self.matrix() if x.startswith("l2/web")}
        self.assertEqual(
            {"l2/web1/web2", "l2/web2/web3", "l2/web3/web1"}, names
        )


class AgentsTestCase(unittest.TestCase):
    """The cells of Neutron's agents."""

    def test_each_node_has_its_own(self) -> None:
        names = {one.name for one in cells.agents(layout.Shape(computes=3))}
        self.assertIn("agent/compute3/neutron-openvswitch-agent", names)
        self.assertIn("agent/network1/neutron-l3-agent", names)
        self.assertEqual(3 + 4, len(names))
