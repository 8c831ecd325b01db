# SPDX-License-Identifier: Apache-2.0

import unittest
from unittest import mock

from steth.checks import base
from steth.checks import registry
from steth.checks import suites


class SuitesTestCase(unittest.TestCase):
    """The checks of a run are chosen by name and suite."""

    def setUp(self) -> None:
        for place, name, fake in (
            (registry, "names", lambda: ["a", "b", "c", "d"]),
            (suites, "SUITES", {"few": ("c", "a")}),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_choice(self) -> None:
        for names, chosen_suites, skipped, expected in (
            ((), (), (), ["a", "b", "c", "d"]),
            ((), (), ("c",), ["a", "b", "d"]),
            (("b", "a", "b"), (), (), ["b", "a"]),
            ((), ("few",), (), ["c", "a"]),
            (("d", "a"), ("few",), (), ["c", "a", "d"]),
            (("d",), ("few",), ("c", "b"), ["a", "d"]),
        ):
            with self.subTest(names=names, suites=chosen_suites, skip=skipped):
                self.assertEqual(
                    expected, suites.chosen(names, chosen_suites, skipped)
                )

    def test_mistakes(self) -> None:
        for names, chosen_suites, skipped, said in (
            (("x",), (), (), "no check 'x'; there are: a, b, c, d"),
            (("a",), (), ("y",), "no check 'y'; there are: a, b, c, d"),
            ((), ("many",), (), "no suite 'many'; there are: few"),
            (("a",), (), ("a",), "all are skipped"),
        ):
            with (
                self.subTest(said=said),
                self.assertRaisesRegex(base.UsageError, said),
            ):
                suites.chosen(names, chosen_suites, skipped)


class DataTestCase(unittest.TestCase):
    """What a suite names is installed."""

    def test_names(self) -> None:
        for suite, names in suites.SUITES.items():
            with self.subTest(suite=suite):
                self.assertEqual(set(), set(names) - set(registry.names()))
