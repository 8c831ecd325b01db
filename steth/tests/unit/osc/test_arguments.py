# SPDX-License-Identifier: Apache-2.0

import argparse
import unittest

from steth.osc import arguments


class NamesTestCase(unittest.TestCase):
    """What no host, interface or namespace can be called is refused."""

    def test_names(self) -> None:
        for convert, good in (
            (arguments.name, ("a", "10.0.0.1", "a-port-with-a-long-name")),
            (arguments.device, ("eth0", "eth0.100", "br@1:x", "ethü")),
            (arguments.namespace, ("qrouter-5cd2", "a.b:c@d+e")),
        ):
            for one in good:
                self.assertEqual(one, convert(one))

    def test_empty(self) -> None:
        for convert in (
            arguments.name,
            arguments.device,
            arguments.namespace,
        ):
            for bad in ("", " "):
                with self.assertRaisesRegex(
                    argparse.ArgumentTypeError, "' ?' is not a name: it is em"
                ):
                    convert(bad)

    def test_impossible(self) -> None:
        for convert, bad, said in (
            (arguments.device, "eth0/1", "an interface"),
            (arguments.device, "e" * 16, "an interface"),
            (arguments.device, "a b", "an interface"),
            (arguments.namespace, "../x", "a network namespace"),
        ):
            with self.assertRaisesRegex(
                argparse.ArgumentTypeError,
                f"'{bad}' is not the name of {said}",
            ):
                convert(bad)


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
