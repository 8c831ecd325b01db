# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks import snapshots
from steth.model import inventory
from steth.tests.unit.checks.mesh import simulation


class SnapshotsTestCase(unittest.TestCase):
    """The state of a host is asked for once a run."""

    def setUp(self) -> None:
        self.rack = simulation.rack(3)
        self.rack.silent.add("compute2")
        self.context = base.Context(
            fleet=self.rack, inventory=inventory.Inventory()
        )

    def test_shared(self) -> None:
        first = snapshots.read(self.context)
        self.assertEqual({"compute1", "compute3"}, first.snapshots.keys())
        self.assertEqual({"compute2"}, first.failures.keys())
        again = snapshots.read(self.context)
        self.assertEqual(first.snapshots, again.snapshots)
        self.assertEqual({"compute2"}, again.failures.keys())
        self.assertEqual([("inspect.host", 2)], self.rack.asked)

    def test_a_run_of_its_own_asks_again(self) -> None:
        for _ in range(2):
            snapshots.read(
                base.Context(fleet=self.rack, inventory=inventory.Inventory())
            )
        self.assertEqual([("inspect.host", 2)] * 2, self.rack.asked)

    def test_unknown_host(self) -> None:
        with self.assertRaisesRegex(base.UsageError, "on compute9; known"):
            snapshots.read(
                base.Context(
                    fleet=self.rack,
                    inventory=inventory.Inventory(),
                    options=base.Options(hosts=("compute9",)),
                )
            )
