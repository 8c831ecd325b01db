# SPDX-License-Identifier: Apache-2.0

import contextlib
import io
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.checks import base
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.model import throughput
from steth.osc.v1 import check_bandwidth
from steth.report.tables import bandwidth
from steth.tests.unit.osc import fakes
from steth.tests.unit.report import samples

ROW = {
    "name": "tunnel",
    "cidrs": ["192.0.2.0/24"],
    "hosts": 3,
    "hosts_expected": 4,
    "pairs_tested": 3,
    "pairs": 3,
    "min_mbits": 20.3,
    "median_mbits": 9411.6,
    "max_mbits": 9412.0,
    "slowest_host": "compute2",
    "status": "failed",
    "tests": [],
}


class CheckBandwidthTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.context: base.Context | None = None
        self.row: dict[str, Any] = ROW
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
        context.announce("load on the network: much")
        return samples.of(self.row, check="bandwidth")

    def check(self, *arguments: str) -> int:
        return self.run_command(check_bandwidth.CheckBandwidth, *arguments)

    def test_for_people(self) -> None:
        self.check()
        self.assertIn(
            "| tunnel  |   3/4 |   3/3 |         20 |   9412 | 9412 "
            "| compute2     | failed |",
            self.output,
        )

    def test_announced_on_standard_error(self) -> None:
        self.check()
        self.assertEqual(
            "load on the network: much\n", self.app.stderr.getvalue()
        )

    def test_nothing_measured(self) -> None:
        self.row = ROW | {
            "min_mbits": None,
            "median_mbits": None,
            "max_mbits": None,
            "slowest_host": None,
        }
        self.check()
        self.assertIn("|          - |      - |   - | -  ", self.output)

    def test_rows(self) -> None:
        self.check("-f", "csv", "--quote", "none")
        header, row = self.output.splitlines()
        self.assertEqual(",".join(bandwidth.TABLE.fields), header)
        self.assertTrue(
            row.endswith(",3,4,3,3,20.3,9411.6,9412.0,compute2,failed")
        )

    def test_options(self) -> None:
        self.check(
            *("--network", "mgmt", "--host", "a", "--host", "b"),
            *("--duration", "5", "--protocol", "udp", "--rate", "100"),
            *("--streams", "4", "--rounds", "9", "--simultaneous"),
        )
        assert self.context is not None
        self.assertEqual(
            base.Options(
                hosts=("a", "b"),
                networks=("mgmt",),
                throughput=base.Throughput(
                    seconds=5,
                    protocol=throughput.Protocol.UDP,
                    rate=100,
                    streams=4,
                    rounds=9,
                    simultaneous=True,
                ),
            ),
            self.context.options,
        )
        self.assertEqual(
            "openstack steth check bandwidth --network mgmt --host a --host b "
            "--duration 5 --protocol udp --rate 100 --streams 4 --rounds 9 "
            "--simultaneous",
            self.command,
        )

    def test_defaults(self) -> None:
        self.check()
        assert self.context is not None
        self.assertEqual(base.Throughput(), self.context.options.throughput)

    def test_udp_without_a_rate(self) -> None:
        with self.assertRaisesRegex(
            osc_exceptions.CommandError, "udp needs --rate"
        ):
            self.check("--protocol", "udp")

    def test_wrong_usage(self) -> None:
        for arguments in (
            ("--duration", "0"),
            ("--duration", "61"),
            ("--protocol", "sctp"),
            ("--rate", "0"),
            ("--rate", "400001"),
            ("--streams", "17"),
            ("--rounds", "0"),
        ):
            with (
                self.subTest(arguments=arguments),
                contextlib.redirect_stderr(io.StringIO()),
                self.assertRaises(SystemExit) as caught,
            ):
                self.check(*arguments)
            self.assertEqual(report.ExitCode.USAGE, caught.exception.code)
