# SPDX-License-Identifier: Apache-2.0
"""The faults that there are."""

import unittest

from steth.checks import catalogue as findings
from steth.lab import catalogue


class CatalogueTestCase(unittest.TestCase):
    """The faults against the findings that are to name them."""

    def test_every_finding_exists(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            if fault.finding is not None:
                self.assertIn(fault.finding, findings.ENTRIES, fault.name)

    def test_defaults_are_within_their_bounds(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            if fault.value is not None:
                self.assertLessEqual(fault.value.least, fault.value.default)
                self.assertLessEqual(fault.value.default, fault.value.most)
