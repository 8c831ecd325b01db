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
from steth.lab.cloud.scenario import inventory
from steth.tests.unit.lab.cloud.scenario import examples


class InjectionTestCase(unittest.TestCase):
    """What is refused, and what is remembered."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def faults(self, shape: layout.Shape) -> injection.Faults:
        """Return the faults of a cloud of some shape."""
        self.cloud = mock.MagicMock(
            spec=cloud_module.Cloud, shape=shape, directory=self.directory
        )
        return injection.Faults(self.cloud)

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

    def test_a_cloud_with_one_compute(self) -> None:
        found = examples.inventory()
        del found.instances["web2"]
        inventory.save(self.directory, found)
        for name, missing in (
            ("tap-down", "compute2 and web2"),
            # It makes its instance itself.
            ("binding-failed", "compute2, which"),
        ):
            with self.assertRaisesRegex(errors.LabError, f"of {missing}"):
                self.faults(layout.Shape(computes=1)).inject(name)
        self.assertEqual([], self.faults(layout.Shape()).inside())

    def test_one_that_is_not_healed_keeps_no_other(self) -> None:
        for name in ("fresh", "tap-down", "no-router"):
            record = records.Record(
                fault=name, variables={"ROUTER": "r", "SUBNET": "s"}
            )
            records.save(
                self.directory,
                [*self.faults(layout.Shape()).inside(), record],
            )
        faults = self.faults(layout.Shape())
        # Nothing runs in this cloud.
        self.cloud.inits.return_value = {}
        neutron = faults._connection.network
        neutron.request.return_value.status_code = 409
        with self.assertRaisesRegex(
            errors.LabError, "^tap-down is not healed: compute2 is not running"
        ):
            faults.heal()
        self.assertEqual(["tap-down"], [one.fault for one in faults.inside()])

    def test_what_neutron_refuses(self) -> None:
        faults = self.faults(layout.Shape())
        inventory.save(self.directory, examples.inventory())
        reply = faults._connection.network.request.return_value
        for status in (409, 500):
            reply.status_code, reply.text = status, "no"
            with self.assertRaisesRegex(errors.LabError, f"{status}, no"):
                faults.inject("no-router")

    def test_what_is_not_in_cannot_be_healed(self) -> None:
        faults = self.faults(layout.Shape())
        self.assertEqual([], faults.heal())
        with self.assertRaisesRegex(errors.LabError, "is not in the cloud"):
            faults.heal("tap-down")

    def test_faults_are_remembered_with_their_variables(self) -> None:
        record = records.Record(fault="tap-down", variables={"TAP": "tap1"})
        records.save(self.directory, [record])
        self.assertEqual([record], self.faults(layout.Shape()).inside())
