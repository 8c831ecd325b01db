# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.model import report
from steth.report import tables
from steth.report.tables import base


class FormatTestCase(unittest.TestCase):
    """What people read must not hide what there is."""

    def test_percent(self) -> None:
        for value, shown in (
            (None, "-"),
            (0, "0 %"),
            (0.01, "< 0.1 %"),
            (16.67, "16.7 %"),
            (99.99, "> 99.9 %"),
            (100.0, "100 %"),
        ):
            self.assertEqual(shown, base.percent(value))

    def test_milliseconds(self) -> None:
        self.assertEqual("-", base.milliseconds(None))
        self.assertEqual("0.08", base.milliseconds(0.081))
        self.assertEqual("21", base.milliseconds(20.7))


class ForeignCheckTestCase(unittest.TestCase):
    """A check of another package shows what it measured, too."""

    def _check(self, **measurements: object) -> report.CheckResult:
        return report.CheckResult(
            name="foreign",
            status=report.CheckStatus.PASSED,
            duration=0.1,
            measurements=dict(measurements),
        )

    def test_one_list_of_rows(self) -> None:
        shown = tables.rendered(
            self._check(disks=[{"host": "a", "free": 3}, {"host": "b"}]), 80
        )
        self.assertIn("| host | free |", shown)
        self.assertIn("| b    | -    |", shown)

    def test_nothing_that_is_a_table(self) -> None:
        for one in (self._check(), self._check(a=[1], b=2)):
            self.assertEqual("", tables.rendered(one, 80))
