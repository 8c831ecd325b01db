# SPDX-License-Identifier: Apache-2.0

from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_mtu
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "name": "tunnel",
    "cidrs": ["10.0.1.0/24"],
    "hosts": 4,
    "pairs": 12,
    "pairs_measured": 12,
    "pairs_ok": 6,
    "needed": 9000,
    "needed_by": "configuration",
    "smallest": 1400,
    "largest": 9000,
    "too_small": [],
    "status": "failed",
}


class CheckMtuTestCase(fakes.CommandTestCase):
    """The table tells what is needed and what passes."""

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
        self.context = context
        return samples.of(ROW, check="mtu")

    def test_for_people(self) -> None:
        self.run_command(check_mtu.CheckMtu)
        self.assertIn(
            "|     4 |  6/12 |   9000 |              1400 | failed |",
            self.output,
        )

    def test_for_machines(self) -> None:
        self.run_command(
            check_mtu.CheckMtu, "-f", "value", "-c", "Smallest Path MTU"
        )
        self.assertEqual("1400\n", self.output)

    def test_options(self) -> None:
        self.run_command(
            check_mtu.CheckMtu, "--network", "tunnel", "--count", "3"
        )
        self.assertEqual(
            base.Options(networks=("tunnel",), count=3), self.context.options
        )
        self.assertEqual(
            "openstack steth check mtu --network tunnel --count 3",
            self.command,
        )
