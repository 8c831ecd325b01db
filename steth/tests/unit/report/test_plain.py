# SPDX-License-Identifier: Apache-2.0

import json
import unittest

import msgspec
import yaml

from steth.model import report
from steth.report import plain
from steth.tests.unit.report import samples


class PlainTestCase(unittest.TestCase):
    """Machines get all of it, in types that JSON and YAML have."""

    def setUp(self) -> None:
        self.report = samples.of(
            samples.network(),
            samples.network("tunnel", rtt_p50_ms=None, loss_percent=16.67),
            findings=(samples.no_carrier(),),
            notes=("a note",),
        )

    def test_json(self) -> None:
        told = plain.to_json(self.report)
        self.assertEqual(
            self.report, msgspec.json.decode(told, type=report.Report)
        )
        self.assertEqual(
            [
                "schema",
                "command",
                "started_at",
                "duration",
                "verdict",
                "agents",
                "checks",
                "findings",
                "notes",
            ],
            list(json.loads(told)),
        )
        self.assertEqual("steth.report/1", json.loads(told)["schema"])

    def test_one_line(self) -> None:
        self.assertNotIn("\n", plain.to_json(self.report, indent=None))

    def test_yaml(self) -> None:
        told = yaml.safe_load(plain.to_yaml(self.report))
        self.assertEqual(json.loads(plain.to_json(self.report)), told)

    def test_rows(self) -> None:
        titles, rows = plain.rows("connectivity", self.report)
        self.assertEqual([len(titles)] * 2, [len(row) for row in rows])
        second = dict(zip(titles, rows[1], strict=True))
        self.assertEqual("tunnel", second["Network"])
        self.assertEqual(16.67, second["Loss Percent"])
        self.assertIsNone(second["RTT p50 ms"])

    def test_rows_of_a_check_without_a_table(self) -> None:
        titles, rows = plain.rows("absent", self.report)
        self.assertEqual("Check", titles[0])
        self.assertEqual(
            [one.name for one in self.report.checks], [row[0] for row in rows]
        )
