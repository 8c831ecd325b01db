# SPDX-License-Identifier: Apache-2.0

import argparse
import unittest

from steth.osc import arguments


class NumbersTestCase(unittest.TestCase):
    """A number out of its bounds is refused, and told so."""

    def test_whole_number(self) -> None:
        convert = arguments.whole_number(1, 10)
        self.assertEqual(1, convert("1"))
        self.assertEqual(10, convert("10"))
        for bad, said in (
            ("0", "0 is not between 1 and 10"),
            ("11", "11 is not between 1 and 10"),
            ("1.5", "'1.5' is not a whole number"),
            ("", "'' is not a whole number"),
        ):
            with self.assertRaisesRegex(argparse.ArgumentTypeError, said):
                convert(bad)

    def test_seconds(self) -> None:
        convert = arguments.seconds(0.5, 600)
        self.assertEqual(0.5, convert("0.5"))
        for bad, said in (
            ("0.49", "0.49 is not between 0.5 and 600 seconds"),
            ("inf", "inf is not between"),
            ("nan", "nan is not between"),
            ("-1", "-1 is not between"),
            ("a", "'a' is not a number of seconds"),
        ):
            with self.assertRaisesRegex(argparse.ArgumentTypeError, said):
                convert(bad)
