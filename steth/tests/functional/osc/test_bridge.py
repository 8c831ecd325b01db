# SPDX-License-Identifier: Apache-2.0
"""``openstack steth bridge``, of a real Open vSwitch and of the kernel."""

import json
from typing import Any

from steth.model import report
from steth.tests.functional import needs
from steth.tests.functional.controller import cases
from steth.tests.functional.osc import openvswitch


class BridgeTestCase(cases.LabTestCase):
    """What is there is told as by ``ovs-vsctl`` and ``bridge``."""

    with_broker = False

    @classmethod
    def setUpClass(cls) -> None:
        needs.programs(*openvswitch.PROGRAMS)
        super().setUpClass()
        openvswitch.start(cls.lab, "compute1")
        openvswitch.vsctl(
            cls.lab,
            "compute1",
            "add-br br-int",
            "set bridge br-int datapath_type=netdev fail_mode=secure",
            "add-br br-tun",
            "set bridge br-tun datapath_type=netdev",
            "set-controller br-tun tcp:127.0.0.1:6633",
            "add-port br-int tap1 tag=5",
            "set interface tap1 type=internal external_ids:iface-id=6c0d",
            "add-port br-int trunk1 trunks=10,11,12",
            "set interface trunk1 type=internal",
            "add-port br-int patch-tun",
            "set interface patch-tun type=patch options:peer=patch-int",
            "add-port br-tun patch-int",
            "set interface patch-int type=patch options:peer=patch-tun",
            "add-port br-tun vxlan-1",
            "set interface vxlan-1 type=vxlan options:remote_ip=10.77.1.12",
            "add-port br-tun gone0",
        )
        for command in (
            "link add qbr-1 type bridge",
            "link add qvb-1 type veth peer name qvo-1",
            "link set qvb-1 master qbr-1",
        ):
            cls.lab.exec("compute1", ["ip", *command.split()])

    def told(self, *arguments: str) -> Any:
        done = self.steth("bridge", *arguments, "-f", "json")
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_list(self) -> None:
        self.assertEqual(
            [
                ("br-int", "openvswitch", "netdev", "secure", []),
                (
                    *("br-tun", "openvswitch", "netdev", "standalone"),
                    ["tcp:127.0.0.1:6633 (not connected)"],
                ),
                ("qbr-1", "linux", None, None, []),
            ],
            [
                tuple(
                    one[title]
                    for title in (
                        *("Name", "Kind", "Datapath", "Fail Mode"),
                        "Controllers",
                    )
                )
                for one in self.told("list", "compute1")
            ],
        )

    def test_show(self) -> None:
        shown = {
            one["port"]: one
            for bridge in ("br-int", "br-tun", "qbr-1")
            for one in self.told("show", "compute1", bridge)["ports"]
        }
        self.assertEqual(
            {
                "tap1": ("access 5", "internal", "iface-id=6c0d"),
                "trunk1": ("trunk 10-12", "internal", None),
                "patch-tun": ("trunk all", "patch", "peer=patch-int"),
                "vxlan-1": ("trunk all", "vxlan", "remote_ip=10.77.1.12"),
                "qvb-1": (None, "veth", "disabled"),
            },
            {
                name: tuple(
                    shown[name][one] for one in ("vlans", "kind", "detail")
                )
                for name in ("tap1", "trunk1", "patch-tun", "vxlan-1", "qvb-1")
            },
        )
        self.assertEqual(-1, shown["gone0"]["ofport"])
        self.assertIn("No such device", shown["gone0"]["detail"])

    def test_port(self) -> None:
        shown = self.told("show", "compute1", "br-int", "--port", "tap1")
        self.assertEqual(
            ("br-int", 5, {"iface-id": "6c0d"}),
            tuple(
                shown[one]
                for one in ("bridge", "tag", "interface_external_ids")
            ),
        )
        done = self.steth(
            "bridge", "show", "compute1", "br-tun", "--port", "tap1"
        )
        self.assertEqual(report.ExitCode.FAULT_FOUND, done.returncode)
        self.assertEqual("", done.stdout)
        self.assertIn("tap1 is not on br-tun; it is on br-int", done.stderr)

    def test_mistakes(self) -> None:
        for arguments, said in (
            (("compute1", "br-itn"), "did you mean 'br-tun'"),
            (("compute2", "br-int"), "6640: Connection refused; unix:/run/"),
        ):
            done = self.steth("bridge", "show", *arguments)
            self.assertEqual(report.ExitCode.FAILED, done.returncode)
            self.assertIn(said, done.stderr)

    def test_open_vswitch_that_is_dead(self) -> None:
        openvswitch.start(self.lab, "compute3")
        openvswitch.end(self.lab, "compute3", "ovs-vswitchd")
        done = self.steth("bridge", "list", "compute3")
        self.assertEqual(0, done.returncode)
        self.assertIn("ovs-vswitchd does not run on compute3", done.stderr)
        openvswitch.end(self.lab, "compute3", "ovsdb-server")
        done = self.steth("bridge", "list", "compute3")
        self.assertEqual(0, done.returncode)
        self.assertIn("no database of Open vSwitch", done.stderr)
