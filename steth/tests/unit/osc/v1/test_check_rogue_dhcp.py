# SPDX-License-Identifier: Apache-2.0

from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_rogue_dhcp
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "network": "physnet1",
    "vlan": 100,
    "hosts": 3,
    "expected": {"192.0.2.5": 2},
    "servers": [
        {"address": "192.0.2.5", "mac": "02:00:00:00:00:01", "expected": True},
        {
            "address": "192.0.2.9",
            "mac": "02:00:00:00:00:02",
            "expected": False,
        },
    ],
    "status": "failed",
}


class CheckRogueDhcpTestCase(fakes.CommandTestCase):
    """The table tells expected servers from others."""

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
        return samples.of(ROW, check="rogue-dhcp", key="networks")

    def test_the_table(self) -> None:
        self.run_command(check_rogue_dhcp.CheckRogueDhcp)
        self.assertIn(
            "| physnet1 VLAN 100 |     3 | 192.0.2.5 (2/3)  | 192.0.2.9 at "
            "02:00:00:00:00:02 | failed |",
            self.output,
        )

    def test_options(self) -> None:
        self.run_command(
            check_rogue_dhcp.CheckRogueDhcp,
            *("--interface", "a:eth1", "--physical-network", "p"),
            *("--vlans", "7, 5-6"),
        )
        self.assertEqual(
            (("a:eth1",), ("p",), "5-7"),
            (
                self.options.interfaces,
                self.options.physical_networks,
                self.options.vlans,
            ),
        )
        self.assertEqual(
            "openstack steth check rogue-dhcp --interface a:eth1 "
            "--physical-network p --vlans 5-7",
            self.command,
        )
