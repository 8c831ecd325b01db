# SPDX-License-Identifier: Apache-2.0
"""What a fault's steps become."""

import unittest

from steth.lab import catalogue
from steth.lab import faults
from steth.lab import injection
from steth.lab import layout
from steth.lab import target

SHAPE = layout.Shape(hosts=4, broker=True, trunk=True, gateway=True)
PIDS = {one.name: 100 + one.number for one in layout.hosts(SHAPE)}
PIDS[layout.SWITCH] = 100


class ActionsTestCase(unittest.TestCase):
    """Every fault's scripts can be filled in."""

    def test_all_of_the_catalogue(self) -> None:
        for name in catalogue.CATALOGUE:
            with self.subTest(fault=name):
                found = injection.actions(
                    target.choose(SHAPE, name), SHAPE, PIDS
                )
                self.assertTrue(any(one.inject for one in found))
                record = injection.record(target.choose(SHAPE, name), found)
                self.assertTrue(record.undo)
                for one in found:
                    if one.tool in (faults.Tool.IP, faults.Tool.SYSCTL):
                        self.assertNotRegex(one.inject + one.heal, "[{}]|None")

    def test_what_is_done_on_the_host(self) -> None:
        found = injection.actions(
            target.choose(
                SHAPE, "mtu-small", hosts=["compute2"], network="storage"
            ),
            SHAPE,
            PIDS,
        )
        self.assertEqual(
            [
                injection.Action(
                    place="compute2",
                    tool=faults.Tool.IP,
                    inject="link set eth2 mtu 1400",
                    heal="link set eth2 mtu 9000",
                )
            ],
            found,
        )

    def test_an_nft_script(self) -> None:
        (found,) = injection.actions(
            target.choose(SHAPE, "one-way-loss", peer="compute1"), SHAPE, PIDS
        )
        self.assertEqual(layout.SWITCH, found.place)
        self.assertEqual(
            "table bridge steth_one_way_loss_compute4_tunnel {\n"
            "chain forward {\n"
            "type filter hook forward priority 0\n"
            'iifname "compute4-eth1" oifname "compute1-eth1" drop\n'
            "}\n}\n",
            found.inject,
        )
        self.assertEqual(
            "add table bridge steth_one_way_loss_compute4_tunnel\n"
            "delete table bridge steth_one_way_loss_compute4_tunnel\n",
            found.heal,
        )

    def test_it_is_taken_back_in_the_opposite_order(self) -> None:
        chosen = target.choose(SHAPE, "interface-missing", hosts=["compute1"])
        record = injection.record(
            chosen, injection.actions(chosen, SHAPE, PIDS)
        )
        self.assertEqual(
            [
                ("switch", "link set eth1.compute1 netns 111 name eth1"),
                (
                    "compute1",
                    "link set eth1 mtu 9000 up\n"
                    "address replace 10.77.1.11/24 broadcast + dev eth1",
                ),
            ],
            [(one.place, one.script) for one in record.undo],
        )

    def test_a_split_moves_each_of_the_group(self) -> None:
        chosen = target.choose(SHAPE, "split", hosts=["compute2", "compute3"])
        record = injection.record(
            chosen, injection.actions(chosen, SHAPE, PIDS)
        )
        self.assertEqual(("compute2", "compute3"), record.hosts)
        self.assertEqual(
            [
                "link set compute3-eth1 master tunnel",
                "link set compute2-eth1 master tunnel",
                "link del tunnel-split",
            ],
            [one.script for one in record.undo],
        )

    def test_hosts_that_are_not_on_the_network_are_left_alone(self) -> None:
        chosen = target.choose(SHAPE, "address-duplicate")
        places = {one.place for one in injection.actions(chosen, SHAPE, PIDS)}
        self.assertNotIn(layout.CONTROLLER, places)
        self.assertIn("compute1", places)

    def test_names_of_devices_fit(self) -> None:
        last = layout.computes(layout.Shape(hosts=layout.MAX_HOSTS))[-1]
        chosen = target.Target(fault=catalogue.CATALOGUE["latency"], host=last)
        fields = chosen.fields({last.name: 1, layout.SWITCH: 2}, last)
        for name in ("delayed", "removed", "split", "port"):
            self.assertLessEqual(len(str(fields[name])), 15, name)

    def test_what_may_throw_agents_off_the_bus(self) -> None:
        for name, network, expected in (
            ("no-carrier", "tunnel", False),
            ("no-carrier", "mgmt", True),
            ("broker-stopped", None, True),
        ):
            chosen = target.choose(SHAPE, name, network=network)
            record = injection.record(
                chosen, injection.actions(chosen, SHAPE, PIDS)
            )
            self.assertEqual(expected, injection.touches_bus(record), name)
