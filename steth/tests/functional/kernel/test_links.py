# SPDX-License-Identifier: Apache-2.0
"""Bonds, VLAN interfaces and NICs in an OVS bridge, on a trunk.

The trunk is a bridge that filters VLANs, in the switch's namespace.
"""

from steth.lab import commands
from steth.lab import layout
from steth.lab import namespace
from steth.lab import openvswitch
from steth.tests.functional.kernel import cases

VLANS = "100-105"

_PORT = """\
ip link add {host}-{nic} type veth peer name {nic} netns {pid}
ip link set {host}-{nic} master trunk up
bridge vlan add vid {vlans} dev {host}-{nic}
"""
_BOND = """\
ip link add bond0 type bond mode active-backup miimon 100
ip link set t1 master bond0
ip link set t2 master bond0
ip link set bond0 up
ip link add bond0.100 link bond0 type vlan id 100
ip link set bond0.100 up
"""
_BRIDGED = """\
ip link set t1 up
ip link add t1.100 link t1 type vlan id 100
ip link set t1.100 up
ovs-vsctl add-br br-ex -- add-port br-ex t1
"""
#: What each host has on the trunk.
INTERFACES = (
    *("--interface", "compute1:bond0"),
    *("--interface", "compute2:t1"),
    *("--interface", "compute3:bond0"),
)


class LinksTestCase(cases.KernelTestCase):
    """Bonds on compute1 and compute3, a bridged NIC on compute2."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        inits = cls.lab._hosts.running()
        script = (
            "ip link add trunk type bridge vlan_filtering 1\n"
            "ip link set trunk up\n"
        )
        for host in cases.HOSTS:
            for nic in ("t1", "t2"):
                pid = inits[host].pid
                script += _PORT.format(
                    host=host, nic=nic, pid=pid, vlans=VLANS
                )
        # Process ids are those outside.
        argv = namespace.in_network(inits[layout.SWITCH], ["sh", "-e"])
        commands.run(argv, script)
        for host, wiring in zip(
            cases.HOSTS, (_BOND, _BRIDGED, _BOND), strict=True
        ):
            switch = openvswitch.OpenVSwitch(inits[host], cls.lab._hosts.mark)
            if wiring is _BRIDGED:
                switch.start()
            switch.run(wiring)

    def test_inspection(self) -> None:
        links = {
            one["Name"]: one
            for one in self.asked("interface", "list", "compute1")
        }
        self.assertEqual("bond", links["bond0"]["Kind"])
        self.assertEqual("bond0", links["t1"]["Master"])
        vlan = links["bond0.100"]
        self.assertEqual(
            ("vlan", "bond0", 100),
            (vlan["Kind"], vlan["Parent"], vlan["VLAN"]),
        )

    def test_details(self) -> None:
        bond, member, vlan = (
            self.asked("interface", "show", "compute1", one)
            for one in ("bond0", "t1", "bond0.100")
        )
        self.assertEqual(
            ("active-backup", 100),
            (bond["details"]["mode"], bond["details"]["miimon"]),
        )
        self.assertIn(bond["details"]["active_member"], {"t1", "t2"})
        self.assertEqual(
            ["t1", "t2"], [one["name"] for one in bond["members"]]
        )
        self.assertEqual("UP", member["port_details"]["mii_status"])
        self.assertEqual({"id": 100, "protocol": "802.1Q"}, vlan["details"])

    def test_bridge_that_filters_vlans(self) -> None:
        self.inside(
            "compute1",
            "ip link add br0 type bridge vlan_filtering 1\n"
            "ip link add tap2 type veth peer name tap2-peer\n"
            "ip link set tap2 master br0\n"
            "bridge vlan add dev tap2 vid 100-110\n",
        )
        try:
            shown = self.asked(
                "bridge", "show", "compute1", "br0", "--port", "tap2"
            )
        finally:
            self.inside("compute1", "ip link del tap2; ip link del br0")
        self.assertEqual("native-untagged 1, trunk 100-110", shown["vlans"])

    def test_vlans(self) -> None:
        """Also of a VLAN that has an interface, which takes its frames."""
        check = ("vlan", *INTERFACES, "--vlans", VLANS)
        self.assertEqual([], self.found(*check))
        change = "bridge vlan {} vid 100 dev compute2-t1"
        self.inside(layout.SWITCH, change.format("del"))
        try:
            found = self.found(*check)
        finally:
            self.inside(layout.SWITCH, change.format("add"))
        self.assertEqual([("underlay-vlan-missing", "compute2")], found)

    def test_vlans_within_a_vlan(self) -> None:
        self.assertEqual(
            [],
            self.found(
                *("vlan", "--interface", "bond0.100"),
                *("--interface", "compute2:t1.100", "--vlans", "200-205"),
            ),
        )

    def test_a_member_that_is_down(self) -> None:
        self.assertEqual([], self.found("host"))
        # The switch's port, so that the host's own setting is as it was.
        port = "ip link set compute1-t2 {}"
        self.inside(layout.SWITCH, port.format("down"))
        try:
            found = self.found("host")
        finally:
            self.inside(layout.SWITCH, port.format("up"))
        self.assertEqual([("underlay-bond-degraded", "compute1")], found)
