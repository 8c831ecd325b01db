# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks.bandwidth import between
from steth.rpc import contract
from steth.rpc import errors
from steth.tests.unit.checks.bandwidth import test_check
from steth.tests.unit.checks.mesh import simulation


class BothWaysTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.fleet = test_check.Fleet(
            3, lambda one, other, at_once: 7.0 if one < other else 9.0
        )

    def measure(self, *networks: str) -> list[between.Direction]:
        return between.both_ways(
            base.Context(
                fleet=self.fleet,
                inventory=simulation.expected(3),
                options=base.Options(
                    hosts=("compute1", "compute2"), networks=networks
                ),
            ),
            "compute1",
            "compute2",
        )

    def test_first_network(self) -> None:
        self.assertEqual(
            [
                ("mgmt", "compute1", "compute2", 7e6),
                ("mgmt", "compute2", "compute1", 9e6),
            ],
            [
                (
                    one.network,
                    one.source,
                    one.target,
                    one.report and one.report.bits_per_second,
                )
                for one in self.measure()
            ],
        )

    def test_chosen_networks(self) -> None:
        self.assertEqual(
            ["mgmt", "mgmt", "tunnel", "tunnel"],
            [one.network for one in self.measure("tunnel", "mgmt")],
        )

    def test_no_such_network(self) -> None:
        with self.assertRaisesRegex(
            base.UsageError, "not both on storage; they are on: mgmt, tunnel$"
        ):
            self.measure("mgmt", "storage")

    def test_silent(self) -> None:
        self.fleet.rack.silent.add("compute2")
        self.fleet.agents = self.fleet.rack.agents
        with self.assertRaisesRegex(base.UsageError, "^compute2: no answer"):
            self.measure()

    def test_one_direction_fails(self) -> None:
        self.fleet.errors[
            "compute2", contract.PROBE_THROUGHPUT_SERVER.name
        ] = errors.OperationError(errors.ErrorCode.MISSING, "no iperf3")
        there, back = self.measure()
        self.assertEqual("compute2: no iperf3", there.error)
        self.assertIsNone(there.report)
        self.assertIsNotNone(back.report)
