# SPDX-License-Identifier: Apache-2.0
"""VLAN ranges as people write them, and what they get wrong."""

import unittest

from steth.model import vlan_range


class VlanRangeTestCase(unittest.TestCase):
    def test_there_and_back(self) -> None:
        for text in ("1", "4094", "1-4094", "100-200,300", "1,3,5-6"):
            self.assertEqual(text, vlan_range.compact(vlan_range.parse(text)))

    def test_order_and_neighbours(self) -> None:
        ids = vlan_range.parse("300, 101-102,100")
        self.assertEqual((100, 101, 102, 300), ids)
        self.assertEqual("100-102,300", vlan_range.compact(reversed(ids)))
        self.assertEqual("", vlan_range.compact([]))

    def test_what_is_wrong_is_named(self) -> None:
        for text, said in (
            ("0", "VLAN 0 is not between 1 and 4094"),
            ("1-4095", "VLAN 4095 is not between"),
            ("99999", "VLAN 99999"),
            ("200-100", "200-100 is reversed: write 100-200"),
            ("100-200,150-300", "150-300 overlaps .* 150-200 is given twice"),
            ("5,5", "VLAN 5 is given twice"),
            ("", "'' is not a range"),
            ("1,,2", "'' is not a range"),
            ("abc", "'abc' is not a range"),
            ("1-2-3", "'1-2-3' is not a range"),
            ("-5", "'-5' is not a range"),
        ):
            with (
                self.subTest(text=text),
                self.assertRaisesRegex(ValueError, said),
            ):
                vlan_range.parse(text)
