# SPDX-License-Identifier: Apache-2.0

from typing import Any
from unittest import mock

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.osc.v1 import check_host
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "host": "compute1",
    "hostname": "compute1",
    "interfaces_up": 2,
    "interfaces": 3,
    "clock_offset_ms": 1500.4,
    "clock_error_ms": 4.2,
    "seconds_watched": 3.0,
    "problems": 1,
    "status": "failed",
}
SILENT = {
    **dict.fromkeys(ROW),
    "host": "compute2",
    "problems": 1,
    "status": "inconclusive",
}


class CheckHostTestCase(fakes.CommandTestCase):
    """The table tells of each host, also of one that said nothing."""

    row: dict[str, Any] = ROW

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
        return samples.of(self.row, check="host", key="hosts")

    def test_for_people(self) -> None:
        self.run_command(check_host.CheckHost)
        self.assertIn(
            "| compute1 |        2/3 |       +1500 ± 4 |        1 | failed |",
            self.output,
        )

    def test_a_silent_host(self) -> None:
        self.row = SILENT
        self.run_command(check_host.CheckHost)
        self.assertIn(
            "| compute2 |          - |               - |        1 | inconc",
            self.output,
        )

    def test_for_machines(self) -> None:
        self.run_command(
            check_host.CheckHost, "-f", "value", "-c", "Clock Offset ms"
        )
        self.assertEqual("1500.4\n", self.output)

    def test_options(self) -> None:
        self.run_command(check_host.CheckHost, "--host", "compute1")
        self.assertEqual(
            base.Options(hosts=("compute1",)), self.context.options
        )
        self.assertEqual(
            "openstack steth check host --host compute1", self.command
        )
