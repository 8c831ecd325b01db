# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_vlan
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "physical_network": "physnet1",
    "host": "compute1",
    "interface": "eth3",
    "switch_port": None,
    "passed": "1,3,5,7,9,11",
    "missing": "",
    "frames_sent": 14,
    "frames_heard": 42,
    "frames_lost": 0,
    "status": "passed",
}


class CheckVlanTestCase(fakes.CommandTestCase):
    """The table has ranges, and options that are no VLANs are refused."""

    def setUp(self) -> None:
        super().setUp()
        for place, name, fake in (
            (runner, "run", self._run),
            (inventory_conf, "read", lambda conf: inventory.Inventory()),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _run(
        self, command: str, checks: Any, context: base.Context, notes: Any
    ) -> report.Report:
        self.command = command
        self.options = context.options
        return samples.of(ROW, check="vlan", key="trunks")

    def test_the_table(self) -> None:
        self.run_command(check_vlan.CheckVlan)
        self.assertIn("| 1, 3, 5, 7, 2 more ranges | -  ", self.output)

    def test_switch_ports_where_they_are_known(self) -> None:
        self.run_command(check_vlan.CheckVlan)
        self.assertNotIn("Switch Port", self.output)
        with mock.patch.dict(ROW, {"switch_port": "leaf2 Ethernet7"}):
            self.run_command(check_vlan.CheckVlan)
        self.assertIn("| eth3      | leaf2 Ethernet7 |", self.output)

    def test_rows(self) -> None:
        self.run_command(check_vlan.CheckVlan, "-f", "csv", "--quote", "none")
        self.assertIn("compute1,eth3,,physnet1", self.output)

    def test_options(self) -> None:
        self.run_command(
            check_vlan.CheckVlan,
            *("--interface", "a:eth1", "--interface", "eth2"),
            *("--physical-network", "p", "--vlans", "7, 5-6"),
        )
        self.assertEqual(
            (("a:eth1", "eth2"), ("p",), "5-7"),
            (
                self.options.interfaces,
                self.options.physical_networks,
                self.options.vlans,
            ),
        )
        self.assertEqual(
            "openstack steth check vlan --interface a:eth1 --interface eth2 "
            "--physical-network p --vlans 5-7",
            self.command,
        )

    def test_what_is_no_vlan(self) -> None:
        for vlans in ("0", "4095", "9-5", "1-5,5", "x", ""):
            said = io.StringIO()
            with (
                self.subTest(vlans=vlans),
                contextlib.redirect_stderr(said),
                self.assertRaises(SystemExit) as caught,
            ):
                self.run_command(check_vlan.CheckVlan, "--vlans", vlans)
            self.assertEqual(2, caught.exception.code)
            self.assertIn("argument --vlans: ", said.getvalue())
