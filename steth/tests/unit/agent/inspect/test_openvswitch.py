# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import openvswitch
from steth.agent.inspect import ovsdb
from steth.model import bridge

_NONE: list[Any] = ["set", []]
_EMPTY: list[Any] = ["map", []]


def _id(name: str) -> list[str]:
    return ["uuid", name]


def _interface(name: str, **changed: Any) -> dict[str, Any]:
    return {
        "_uuid": _id(f"i-{name}"), "name": name, "type": "", "ofport": 1,
        "mac_in_use": "02:00:00:00:00:01", "mtu": 1500, "admin_state": "up",
        "link_state": "up", "options": _EMPTY, "external_ids": _EMPTY,
        "status": _EMPTY, "error": _NONE,
    } | changed  # fmt: skip


def _port(name: str, *interfaces: str, **changed: Any) -> dict[str, Any]:
    members = [_id(f"i-{one}") for one in interfaces or (name,)]
    return {
        "_uuid": _id(f"p-{name}"), "name": name,
        "interfaces": members[0] if len(members) == 1 else ["set", members],
        "tag": _NONE, "trunks": _NONE, "vlan_mode": _NONE,
        "bond_mode": _NONE, "lacp": _NONE, "external_ids": _EMPTY,
        "other_config": _EMPTY,
    } | changed  # fmt: skip


def _bridge(name: str, *ports: str, **changed: Any) -> dict[str, Any]:
    return {
        "_uuid": _id(f"b-{name}"), "name": name,
        "ports": ["set", [_id(f"p-{one}") for one in ports]],
        "controller": _NONE, "datapath_type": "", "datapath_id": _NONE,
        "fail_mode": _NONE, "protocols": _NONE, "stp_enable": False,
        "rstp_enable": False, "external_ids": _EMPTY, "other_config": _EMPTY,
    } | changed  # fmt: skip


class ReadTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.running = True
        self.tables: dict[str, list[dict[str, Any]]] = {
            "Open_vSwitch": [
                {
                    "ovs_version": "3.1.0",
                    "external_ids": ["map", [["system-id", "s"]]],
                }
            ],
            "Bridge": [],
            "Port": [],
            "Interface": [],
            "Controller": [],
        }
        self.connection = mock.MagicMock()
        opened = self.connection.__enter__.return_value
        opened.select.side_effect = lambda database, tables: self.tables
        opened.is_locked.side_effect = lambda name: self.running
        patched = mock.patch.object(
            ovsdb,
            "Connection",
            autospec=True,
            return_value=self.connection,
        )
        self.connect = patched.start()
        self.addCleanup(patched.stop)

    def only(
        self, ports: list[dict[str, Any]], interfaces: list[dict[str, Any]],
        **changed: Any,
    ) -> bridge.Bridge:  # fmt: skip
        self.tables["Port"] = ports
        self.tables["Interface"] = interfaces
        self.tables["Bridge"] = [
            _bridge("br-int", *(one["name"] for one in ports), **changed)
        ]
        (found,) = openvswitch.read(["t"]).bridges
        return found

    def port(self, **changed: Any) -> bridge.Port:
        found = self.only([_port("tap1", **changed)], [_interface("tap1")])
        return found.ports[0]

    def interface(self, **changed: Any) -> bridge.Interface:
        found = self.only([_port("tap1")], [_interface("tap1", **changed)])
        return found.ports[0].interfaces[0]

    def test_openvswitch(self) -> None:
        for running in (True, False):
            self.running = running
            found = openvswitch.read(["t"])
            self.assertEqual(
                bridge.OpenVswitch(
                    connection="t",
                    version="3.1.0",
                    running=running,
                    external_ids={"system-id": "s"},
                ),
                found.openvswitch,
            )
        self.assertEqual((), found.bridges)

    def test_a_database_that_was_just_made(self) -> None:
        self.tables["Open_vSwitch"] = []
        self.assertIsNone(openvswitch.read(["t"]).openvswitch.version)

    def test_bridge(self) -> None:
        self.tables["Controller"] = [
            {"_uuid": _id("c"), "target": "tcp:x", "is_connected": True}
        ]
        found = self.only(
            [_port("b"), _port("a")],
            [_interface("a"), _interface("b")],
            controller=_id("c"),
            datapath_type="netdev",
            fail_mode="secure",
            protocols=["set", ["OpenFlow10", "OpenFlow13"]],
            rstp_enable=True,
        )
        self.assertEqual(["a", "b"], [one.name for one in found.ports])
        self.assertEqual(
            ("netdev", "secure", ("OpenFlow10", "OpenFlow13"), True),
            (found.datapath, found.fail_mode, found.protocols, found.stp),
        )
        self.assertEqual(
            (bridge.Controller(target="tcp:x", connected=True),),
            found.controllers,
        )

    def test_bridge_by_default(self) -> None:
        found = self.only([], [])
        self.assertEqual(
            ("system", "standalone", (), False),
            (found.datapath, found.fail_mode, found.controllers, found.stp),
        )

    def test_vlan_modes(self) -> None:
        for changed, mode, tag, trunks in (
            ({}, "trunk", None, None),
            ({"tag": 5}, "access", 5, None),
            ({"trunks": ["set", [12, 10, 11]]}, "trunk", None, "10-12"),
            (
                {"tag": 5, "trunks": 7, "vlan_mode": "native-untagged"},
                *("native-untagged", 5, "7"),
            ),
        ):
            with self.subTest(changed=changed):
                port = self.port(**changed)
                self.assertEqual(
                    (mode, tag, trunks), (port.mode, port.tag, port.trunks)
                )

    def test_bond(self) -> None:
        found = self.only(
            [_port("bond0", "eth0", "eth1", bond_mode="balance-slb")],
            [_interface("eth0"), _interface("eth1")],
        )
        self.assertEqual("balance-slb", found.ports[0].bond_mode)
        self.assertEqual(found.ports[0], found.port("eth1"))
        self.assertIsNone(found.port("eth2"))

    def test_interface(self) -> None:
        self.assertEqual(
            bridge.Interface(
                name="tap1",
                kind="vxlan",
                ofport=7,
                mac="02:00:00:00:00:01",
                mtu=1500,
                admin_up=True,
                link_up=False,
                options={"remote_ip": "192.0.2.1"},
            ),
            self.interface(
                type="vxlan",
                ofport=7,
                link_state="down",
                options=["map", [["remote_ip", "192.0.2.1"]]],
            ),
        )

    def test_an_interface_that_is_not_there(self) -> None:
        found = self.interface(
            ofport=-1, mac_in_use=_NONE, mtu=_NONE, admin_state=_NONE,
            link_state=_NONE, error="No such device",
        )  # fmt: skip
        self.assertEqual(
            (-1, None, None, None, None, "No such device"),
            (
                *(found.ofport, found.mac, found.mtu, found.admin_up),
                *(found.link_up, found.error),
            ),
        )

    def test_more_than_it_takes(self) -> None:
        with mock.patch.object(openvswitch, "MAX_INTERFACES", 1):
            found = self.only(
                [_port("a"), _port("b")], [_interface("a"), _interface("b")]
            )
            self.assertEqual(["a"], [one.name for one in found.ports])
            self.assertTrue(openvswitch.read(["t"]).truncated)

    def test_another_form(self) -> None:
        del self.tables["Port"]
        with self.assertRaisesRegex(ovsdb.OvsdbError, "^t: .*known form"):
            openvswitch.read(["t"])

    def test_the_first_that_answers(self) -> None:
        self.connect.side_effect = [ovsdb.OvsdbError("no"), self.connection]
        found = openvswitch.read(["t", "u"])
        self.assertEqual("u", found.openvswitch.connection)

    def test_none_answers(self) -> None:
        self.connect.side_effect = ovsdb.OvsdbError("no")
        with self.assertRaisesRegex(ovsdb.OvsdbError, "^t: no; u: no$"):
            openvswitch.read(["t", "u"])
