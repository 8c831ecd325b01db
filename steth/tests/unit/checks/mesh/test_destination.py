# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks import snapshots
from steth.checks.mesh import destination
from steth.checks.mesh import grouping
from steth.tests.unit.checks.mesh import simulation


class DestinationTestCase(unittest.TestCase):
    """A host is found on a network that both are on."""

    def setUp(self) -> None:
        rack = simulation.rack(3)
        rack.nics["compute3"].pop("mgmt")
        taken = snapshots.read(
            base.Context(fleet=rack, inventory=simulation.expected(3))
        )
        self.built = grouping.build(
            taken.snapshots, simulation.expected(3), {}
        )

    def find(
        self, name: str, network: str | None = None
    ) -> destination.Destination:
        return destination.find("compute1", name, self.built, network)

    def test_first_in_common(self) -> None:
        self.assertEqual(
            ("10.0.0.2", "10.0.0.1", "mgmt"),
            (
                (one := self.find("compute2")).address,
                one.source,
                one.network,
            ),
        )
        self.assertEqual("tunnel", self.find("compute3").network)

    def test_chosen(self) -> None:
        self.assertEqual("10.0.1.2", self.find("compute2", "tunnel").address)

    def test_not_there(self) -> None:
        for name, network, said in (
            ("compute3", "mgmt", "compute1 and compute3 have .* network mgmt"),
            ("compute2", "x", "no network 'x'.*: mgmt, tunnel"),
            ("web", None, "on a network in common; give an address"),
        ):
            with (
                self.subTest(name=name, network=network),
                self.assertRaisesRegex(base.UsageError, said),
            ):
                self.find(name, network)

    def test_is_address(self) -> None:
        for text in ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"):
            self.assertTrue(destination.is_address(text), text)
        for text in ("compute1", "10.0.0", ""):
            self.assertFalse(destination.is_address(text), text)
