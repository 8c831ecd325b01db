# SPDX-License-Identifier: Apache-2.0

import json
from typing import Any

import msgspec
from osc_lib import exceptions as osc_exceptions

from steth.model import bridge
from steth.model import report
from steth.osc.v1 import bridge as commands
from steth.tests.unit.osc import fakes

_SNAPSHOT = bridge.BridgeSnapshot(
    host="compute1",
    taken_at="2026-01-01T00:00:00Z",
    openvswitch=bridge.OpenVswitch(connection="t", running=True),
    bridges=(
        bridge.Bridge(
            name="br-int",
            kind=bridge.BridgeKind.OPEN_VSWITCH,
            datapath="system",
            fail_mode="secure",
            controllers=(bridge.Controller(target="tcp:a", connected=False),),
            ports=(
                bridge.Port(
                    name="bond0",
                    mode=bridge.VlanMode.NATIVE_UNTAGGED,
                    tag=5,
                    trunks="10-12",
                    bond_mode="balance-slb",
                    interfaces=(
                        bridge.Interface(name="eth0", link_up=True),
                        bridge.Interface(
                            name="eth1", ofport=-1, error="No such device"
                        ),
                    ),
                ),
                bridge.Port(
                    name="tap1",
                    mode=bridge.VlanMode.ACCESS,
                    tag=5,
                    interfaces=(
                        bridge.Interface(
                            name="tap1",
                            admin_up=True,
                            link_up=False,
                            external_ids={"iface-id": "6c0d", "x": "y"},
                        ),
                    ),
                ),
            ),
        ),
        bridge.Bridge(
            name="qbr-1",
            kind=bridge.BridgeKind.LINUX,
            vlan_aware=False,
            ports=(
                bridge.Port(
                    name="qvb-1",
                    state="blocking",
                    interfaces=(
                        bridge.Interface(
                            name="qvb-1", kind="veth", admin_up=False
                        ),
                    ),
                ),
            ),
        ),
    ),
)


class _TestCase(fakes.CommandTestCase):
    snapshot = _SNAPSHOT

    def setUp(self) -> None:
        super().setUp()
        self.fleet = fakes.Fleet(
            fakes.row("compute1"), answer=lambda host: self.snapshot
        )

    def loaded(self) -> Any:
        return json.loads(self.output)

    def show(self, *arguments: str) -> int:
        return self.run_command(commands.ShowBridge, "compute1", *arguments)

    def list_them(self, *arguments: str) -> int:
        return self.run_command(commands.ListBridge, "compute1", *arguments)


class ListBridgeTestCase(_TestCase):
    def test_for_people(self) -> None:
        self.list_them()
        self.assertIn("tcp:a (not connected)", self.output)
        self.assertNotIn("tap1", self.output)

    def test_for_machines(self) -> None:
        self.list_them("--long", "-f", "json")
        first, second = self.loaded()
        self.assertEqual(
            ("br-int", "openvswitch", "secure", True, 2, ["bond0", "tap1"]),
            tuple(
                first[one]
                for one in (
                    *("Name", "Kind", "Fail Mode", "VLAN Aware", "Ports"),
                    "Port Names",
                )
            ),
        )
        self.assertEqual(
            (None, False, []),
            (second["Datapath"], second["VLAN Aware"], second["Controllers"]),
        )

    def test_what_makes_it_doubtful(self) -> None:
        for changed, said in (
            ({"openvswitch": None, "reason": "t: refused"}, "t: refused"),
            (
                {
                    "openvswitch": bridge.OpenVswitch(
                        connection="t", running=False
                    )
                },
                "ovs-vswitchd does not run on compute1",
            ),
            ({"truncated": (bridge.BridgeKind.LINUX,)}, "more bridges and"),
        ):
            with self.subTest(said=said):
                self.snapshot = msgspec.structs.replace(_SNAPSHOT, **changed)
                with self.assertLogs(level="WARNING") as logs:
                    self.list_them()
                self.assertIn(said, logs.output[0])


class ShowBridgeTestCase(_TestCase):
    def test_bridge(self) -> None:
        self.show("br-int", "-f", "json")
        first, second, third = self.loaded()["ports"]
        self.assertEqual(
            ("bond0", "native-untagged 5, trunk 10-12", "eth0", "up", None),
            tuple(
                first[one]
                for one in ("port", "vlans", "interface", "link", "detail")
            ),
        )
        self.assertEqual(
            ("eth1", -1, None, "No such device"),
            tuple(
                second[one]
                for one in ("interface", "ofport", "link", "detail")
            ),
        )
        self.assertEqual(
            ("access 5", "no carrier", "iface-id=6c0d"),
            tuple(third[one] for one in ("vlans", "link", "detail")),
        )

    def test_linux_bridge(self) -> None:
        self.show("qbr-1", "-f", "json")
        (port,) = self.loaded()["ports"]
        self.assertEqual(
            (None, "down", "blocking"),
            tuple(port[one] for one in ("vlans", "link", "detail")),
        )

    def test_for_people(self) -> None:
        self.show("br-int")
        self.assertRegex(self.output, r"\| port +vlans +interface +kind")
        self.assertRegex(self.output, r"\| tap1 +access 5 +tap1 +system")

    def test_port(self) -> None:
        self.assertEqual(
            0, self.show("br-int", "--port", "tap1", "-f", "json")
        )
        told = self.loaded()
        self.assertEqual(
            ("br-int", "tap1", 5, {"iface-id": "6c0d", "x": "y"}),
            tuple(
                told[one]
                for one in ("bridge", "port", "tag", "interface_external_ids")
            ),
        )

    def test_port_that_is_a_bond(self) -> None:
        self.show("br-int", "--port", "eth1", "-f", "json")
        told = self.loaded()
        self.assertEqual("bond0", told["port"])
        self.assertEqual("No such device", told["eth1.error"])
        self.assertTrue(told["eth0.link_up"])

    def test_port_that_is_not_there(self) -> None:
        for name, said in (
            ("qvb-1", "compute1: qvb-1 is not on br-int; it is on qbr-1"),
            (
                "tpa1",
                "compute1: tpa1 is not on br-int nor on another bridge; did "
                "you mean 'tap1'?; br-int has: bond0, tap1",
            ),
        ):
            with self.assertLogs(level="ERROR") as logs:
                code = self.show("br-int", "--port", name)
            self.assertEqual(report.ExitCode.FAULT_FOUND, code)
            self.assertIn(said, logs.output[0])
            self.assertEqual("", self.output)

    def test_unknown(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError,
            "compute1 has no bridge 'br-itn'; did you mean 'br-int'",
        ):
            self.show("br-itn")

    def test_unknown_without_open_vswitch(self) -> None:
        self.snapshot = msgspec.structs.replace(
            _SNAPSHOT, openvswitch=None, reason="t: refused"
        )
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, r"\(no database .*: t: refused\)"
        ):
            self.show("br-ex")
