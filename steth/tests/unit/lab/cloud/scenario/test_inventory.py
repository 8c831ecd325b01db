# SPDX-License-Identifier: Apache-2.0
"""What is kept of the scenario."""

import pathlib
import tempfile
import unittest

from steth.lab import errors
from steth.lab.cloud.scenario import inventory
from steth.tests.unit.lab.cloud.scenario import examples


class InventoryTestCase(unittest.TestCase):
    """It is read as it was written."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def test_round_trip(self) -> None:
        made = examples.inventory()
        inventory.save(self.directory, made)
        self.assertEqual(made, inventory.load(self.directory))

    def test_none(self) -> None:
        with self.assertRaisesRegex(errors.LabError, "'cloud scenario'"):
            inventory.load(self.directory)
