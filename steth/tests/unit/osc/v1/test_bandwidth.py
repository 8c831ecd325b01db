# SPDX-License-Identifier: Apache-2.0

import json
from typing import Any
from unittest import mock

from osc_lib import exceptions as osc_exceptions

from steth.checks import base
from steth.checks.bandwidth import between
from steth.conf import inventory as inventory_conf
from steth.model import inventory
from steth.model import report
from steth.model import throughput
from steth.osc.v1 import bandwidth
from steth.tests.unit.osc import fakes


def direction(
    source: str, target: str, mbits: float | None
) -> between.Direction:
    told = None
    if mbits is not None:
        told = throughput.ThroughputReport(
            protocol=throughput.Protocol.TCP,
            bits_per_second=mbits * 1e6,
            seconds=2.0,
            retransmits=3,
            lost_percent=0.5,
            jitter_ms=0.01,
        )
    return between.Direction(
        network="mgmt",
        source=source,
        target=target,
        report=told,
        error=None if told else f"{target}: no iperf3",
    )


class MeasureBandwidthTestCase(fakes.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.found = [direction("a", "b", 941.23), direction("b", "a", 940.0)]
        for place, name, fake in (
            (between, "both_ways", self._both_ways),
            (inventory_conf, "read", lambda conf: inventory.Inventory()),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _both_ways(
        self, context: base.Context, one: str, other: str
    ) -> list[between.Direction]:
        self.options = context.options
        return self.found

    def measure(self, *arguments: str) -> int:
        return self.run_command(bandwidth.MeasureBandwidth, *arguments)

    def test_for_people(self) -> None:
        self.assertEqual(0, self.measure("a", "b"))
        self.assertIn("| mgmt    | a    | b  |  941.2 |", self.output)
        self.assertNotIn("Error", self.output)

    def test_machines(self) -> None:
        self.measure("a", "b", "-f", "json")
        self.assertEqual(
            {
                "Network": "mgmt",
                "From": "b",
                "To": "a",
                "Mbit/s": 940.0,
                "Retransmits": 3,
                "Error": None,
            },
            json.loads(self.output)[1],
        )

    def test_udp(self) -> None:
        self.measure("a", "b", "--protocol", "udp", "--rate", "9")
        self.assertIn("Jitter ms", self.output)
        self.assertNotIn("Retransmits", self.output)

    def test_one_direction_fails(self) -> None:
        self.found[1] = direction("b", "a", None)
        self.assertEqual(report.ExitCode.INCONCLUSIVE, self.measure("a", "b"))
        self.assertIn("a: no iperf3", self.output)

    def test_options(self) -> None:
        self.measure("a", "b", "--network", "x", "--duration", "9")
        self.assertEqual(("a", "b"), self.options.hosts)
        self.assertEqual(("x",), self.options.networks)
        self.assertEqual(9, self.options.throughput.seconds)

    def test_the_same_host(self) -> None:
        with self.assertRaisesRegex(osc_exceptions.CommandError, "two hosts"):
            self.measure("a", "a")

    def test_udp_without_a_rate(self) -> None:
        with self.assertRaisesRegex(osc_exceptions.CommandError, "--rate"):
            self.measure("a", "b", "--protocol", "udp")

    def test_wrong_usage(self) -> None:
        def refuse(*_: Any) -> None:
            raise base.UsageError("not both on x")

        with (
            mock.patch.object(between, "both_ways", refuse),
            self.assertRaisesRegex(osc_exceptions.CommandError, "^not both"),
        ):
            self.measure("a", "b")
