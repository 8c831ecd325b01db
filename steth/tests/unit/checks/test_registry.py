# SPDX-License-Identifier: Apache-2.0

import pathlib
import sys
import tempfile
import unittest

from steth.checks import base
from steth.checks import catalogue
from steth.checks import registry
from steth.checks import runner
from steth.checks import suites
from steth.model import inventory
from steth.model import report
from steth.report import plain
from steth.report import text
from steth.tests.unit.osc import fakes


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


_MODULE = """
from steth.checks import base
from steth.model import report


class Colour(base.Check):
    name = "colour"
    summary = "Have all cables the right colour?"
    operations = ()

    def run(self, context):
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=report.CheckStatus.PASSED,
                duration=0.0,
                measurements={"cables": [{"name": "a", "colour": "blue"}]},
            )
        )


class Other:
    pass
"""
_ENTRY_POINTS = """
[steth.checks]
colour = steth_test_colour:Colour
gone = steth_test_colour:Gone
other = steth_test_colour:Other
absent = steth_test_no_such_module:Check
"""


class OtherPackageTestCase(unittest.TestCase):
    """Another package brings checks by its entry points alone."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        root = pathlib.Path(directory.name)
        (root / "steth_test_colour.py").write_text(_MODULE)
        about = root / "steth_test_colour-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: steth-test-colour\nVersion: 1.0\n"
        )
        (about / "entry_points.txt").write_text(_ENTRY_POINTS)
        sys.path.append(str(root))
        self.addCleanup(sys.path.remove, str(root))
        self.addCleanup(sys.modules.pop, "steth_test_colour", None)

    def run_checks(self, *names: str) -> report.Report:
        return runner.run(
            "x",
            [registry.load(name) for name in names],
            base.Context(
                fleet=fakes.Fleet(fakes.row("a")),
                inventory=inventory.Inventory(),
            ),
        )

    def test_it_is_found_run_and_shown(self) -> None:
        self.assertIn("colour", suites.chosen((), (), ()))
        self.assertIn("colour", suites.chosen(["colour"], ["predeploy"], ()))
        told = self.run_checks("colour")
        self.assertEqual(report.Verdict.HEALTHY, told.verdict)
        self.assertEqual(
            (["name", "colour"], [["a", "blue"]]), plain.rows("colour", told)
        )
        self.assertIn("| a    | blue   |", text.render(told, 80))

    def test_what_cannot_be_loaded_is_a_row(self) -> None:
        told = self.run_checks("gone", "other", "absent", "colour")
        self.assertEqual(
            [report.CheckStatus.INCONCLUSIVE] * 3
            + [report.CheckStatus.PASSED],
            [one.status for one in told.checks],
        )
        for one, said in zip(
            told.checks,
            ("Gone", "Other is not a steth.checks.base.Check", "no_such_mod"),
            strict=False,
        ):
            self.assertIn(said, one.reason or "")

    def test_the_list_shows_what_cannot_be_loaded(self) -> None:
        self.assertRegex(
            registry.load("absent").summary, "^Cannot be loaded: steth_test_no"
        )


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
            for sentence in (entry.meaning, entry.proof, entry.remedy):
                self.assertTrue(sentence.endswith("."), sentence)
