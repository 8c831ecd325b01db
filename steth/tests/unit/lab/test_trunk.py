# SPDX-License-Identifier: Apache-2.0
"""What the switches of a lab's trunk are told."""

import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import injection
from steth.lab import layout
from steth.lab import processes
from steth.lab import services
from steth.lab import target
from steth.lab import trunk
from steth.lab.catalogue import trunk as trunk_faults
from steth.tests.unit.lab import test_switch

SHAPE = layout.Shape(hosts=2, trunk=True)
INITS = {
    name: test_switch.init(number)
    for number, name in enumerate(("switch", "compute1", "compute2"), 2)
}


class TrunkTestCase(unittest.TestCase):
    """What is there is not made again."""

    def build(self, *present: str, running: bool = False) -> list[str]:
        """Build a trunk; return the scripts that were run."""
        table = "Inter-| Receive\n face |bytes\n" + "".join(
            f"  {name}: 0 0\n" for name in present
        )
        with (
            mock.patch.object(
                processes, "network_file", autospec=True, return_value=table
            ),
            mock.patch.object(
                processes, "all_processes", autospec=True, return_value=[]
            ),
            mock.patch.object(
                services.Service,
                "members",
                autospec=True,
                return_value=[INITS["switch"]] if running else [],
            ),
            mock.patch.object(
                services.Service, "start", autospec=True
            ) as start,
            mock.patch.object(services.Service, "kill", autospec=True),
            mock.patch.object(
                deadline, "until", autospec=True, return_value=True
            ),
            mock.patch.object(commands, "run", autospec=True) as run,
        ):
            trunk.Trunk(INITS, {}).build(
                one.trunk for one in layout.computes(SHAPE)
            )
        self.started = [call.args[2][0] for call in start.call_args_list]
        self.tools = [call.args[0] for call in run.call_args_list]
        return [call.args[1] for call in run.call_args_list]

    def test_a_new_one(self) -> None:
        scripts = self.build()
        self.assertIn("link add compute1-eth3 type veth", scripts[0])
        self.assertIn("netns 3", scripts[0])
        self.assertEqual(["ovsdb-server", "ovs-vswitchd"], self.started)
        self.assertEqual(4, sum("ethtool" in one for one in self.tools))
        said = scripts[-1]
        for text in (
            "--may-exist add-port leaf1 compute1-eth3",
            "--may-exist add-port leaf2 compute2-eth3",
            "set interface leaf1-uplink type=patch options:peer=leaf2-uplink",
            "set bridge leaf2 datapath_type=netdev",
        ):
            self.assertIn(text, said)

    def test_one_that_is_there(self) -> None:
        scripts = self.build("compute1-eth3", "compute2-eth3", running=True)
        self.assertEqual([], self.started)
        self.assertFalse(any("link add" in one for one in scripts))

    def test_faults_need_it(self) -> None:
        for fault in trunk_faults.FAULTS:
            with self.assertRaisesRegex(errors.LabError, "has no trunk"):
                target.choose(layout.Shape(hosts=2), fault.name)

    def test_a_fault(self) -> None:
        pids = {name: one.pid for name, one in INITS.items()}
        pids["controller"] = 9
        (done,) = injection.actions(
            target.choose(SHAPE, "vlan-missing", value=4000), SHAPE, pids
        )
        self.assertEqual("switch", done.place)
        self.assertTrue(
            done.inject.startswith(
                "ovs-vsctl set port compute2-eth3 trunks=0,1,2,"
            )
        )
        self.assertIn("3999,4001", done.inject)
        self.assertEqual(
            "ovs-vsctl clear port compute2-eth3 trunks", done.heal
        )
