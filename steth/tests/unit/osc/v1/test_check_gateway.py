# SPDX-License-Identifier: Apache-2.0

from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_gateway
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "network": "physnet1",
    "vlan": 100,
    "gateway": "203.0.113.1",
    "known_from": "neutron",
    "hosts": 3,
    "answered": 2,
    "silent_for": ["compute3"],
    "macs": ["02:00:00:00:00:01"],
    "status": "failed",
}


class CheckGatewayTestCase(fakes.CommandTestCase):
    """The table of gateways."""

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
        return samples.of(ROW, check="gateway", key="gateways")

    def test_the_table(self) -> None:
        self.run_command(check_gateway.CheckGateway)
        self.assertIn(
            "| physnet1 VLAN 100 | 203.0.113.1 | neutron    |   2/3 | "
            "02:00:00:00:00:01 | failed |",
            self.output,
        )
