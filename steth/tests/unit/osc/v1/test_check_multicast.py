# SPDX-License-Identifier: Apache-2.0

from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_multicast
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "network": "tunnel IPv6",
    "family": 6,
    "hosts": 3,
    "pairs": 6,
    "pairs_ok": 4,
    "hears_nobody": ["compute3"],
    "nobody_hears": [],
    "status": "failed",
}


class CheckMulticastTestCase(fakes.CommandTestCase):
    """The table of networks."""

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
        return samples.of(ROW, check="multicast", key="networks")

    def test_the_table(self) -> None:
        self.run_command(check_multicast.CheckMulticast)
        self.assertIn(
            "| tunnel IPv6 | IPv6    |     3 |   4/6 | failed |", self.output
        )
