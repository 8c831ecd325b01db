# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks import catalogue
from steth.checks import registry


class RegistryTestCase(unittest.TestCase):
    """Checks are found through their entry point."""

    def test_load(self) -> None:
        for name in registry.names():
            check = registry.load(name)
            self.assertEqual(name, check.name)
            self.assertTrue(check.summary)
        self.assertIn("connectivity", registry.names())

    def test_unknown(self) -> None:
        with self.assertRaisesRegex(base.UsageError, "'nothing'.*connecti"):
            registry.load("nothing")


class CatalogueTestCase(unittest.TestCase):
    """Every code has its entry, in the form the documentation needs."""

    def test_entries(self) -> None:
        layers = (
            r"^(underlay|host|ovs|tunnel|dhcp|metadata|security|router|nat|"
            r"ovn|bridge|instance|agent|control)-"
        )
        for code, entry in catalogue.ENTRIES.items():
            self.assertRegex(code, r"^[a-z0-9]+(-[a-z0-9]+)+$")
            self.assertRegex(code, layers)
            self.assertEqual(code, entry.code)
            for text in (entry.meaning, entry.proof, entry.remedy):
                self.assertTrue(text.endswith("."), text)
