# SPDX-License-Identifier: Apache-2.0
"""What can be told of putting faults in without a cloud."""

import pathlib
import tempfile
import unittest
from unittest import mock

from steth.lab import errors
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout
from steth.lab.cloud.faults import injection
from steth.lab.cloud.faults import records


class InjectionTestCase(unittest.TestCase):
    """What is refused, and what is remembered."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def faults(self, shape: layout.Shape) -> injection.Faults:
        """Return the faults of a cloud of some shape."""
        cloud = mock.MagicMock(
            spec=cloud_module.Cloud, shape=shape, directory=self.directory
        )
        return injection.Faults(cloud)

    def test_an_unknown_fault(self) -> None:
        with self.assertRaisesRegex(errors.LabError, "unknown fault nobody"):
            self.faults(layout.Shape()).inject("nobody")

    def test_a_cloud_of_another_kind(self) -> None:
        for shape in (
            layout.Shape(dvr=True),
            layout.Shape(mechanism=layout.Mechanism.OVN),
        ):
            with self.assertRaisesRegex(errors.LabError, "this cloud has"):
                self.faults(shape).inject("tap-down")

    def test_what_is_not_in_cannot_be_healed(self) -> None:
        faults = self.faults(layout.Shape())
        self.assertEqual([], faults.heal())
        with self.assertRaisesRegex(errors.LabError, "is not in the cloud"):
            faults.heal("tap-down")

    def test_faults_are_remembered_with_their_variables(self) -> None:
        record = records.Record(fault="tap-down", variables={"TAP": "tap1"})
        records.save(self.directory, [record])
        self.assertEqual([record], self.faults(layout.Shape()).inside())
