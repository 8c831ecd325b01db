# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check run``, with checks of another package too."""

import json
import pathlib
import sys
import tempfile
from typing import Any

from steth.lab import layout
from steth.model import report
from steth.tests.functional.controller import cases

_MODULE = """
import os
from steth.checks import base
from steth.checks import snapshots
from steth.model import report


class Colour(base.Check):
    name = "colour"
    summary = "Have all cables the right colour?"
    operations = ()

    def run(self, context):
        taken = snapshots.read(context)
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=report.CheckStatus.PASSED,
                duration=0.0,
                measurements={
                    "cables": [{"host": one} for one in taken.snapshots]
                },
            )
        )


class Broken(Colour):
    name = "broken"

    def run(self, context):
        raise KeyError("blue")


class Unmet(Colour):
    name = "unmet"

    def unmet(self, context):
        return "nobody looks at cables here"
"""
_ENTRY_POINTS = """
[steth.checks]
colour = steth_test_cables:Colour
broken = steth_test_cables:Broken
unmet = steth_test_cables:Unmet
"""


class RunTestCase(cases.LabTestCase):
    """Several checks, one report."""

    def setUp(self) -> None:
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        self.package = pathlib.Path(directory.name)
        (self.package / "steth_test_cables.py").write_text(_MODULE)
        about = self.package / "steth_test_cables-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: steth-test-cables\nVersion: 1.0\n"
        )
        (about / "entry_points.txt").write_text(_ENTRY_POINTS)

    def run_checks(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        program = str(pathlib.Path(sys.executable).with_name("openstack"))
        done = self.lab.exec(
            layout.CONTROLLER,
            [
                *("env", f"PYTHONPATH={self.package}", program),
                *("steth", "check", "run", "-f", "json", *arguments),
            ],
        )
        self.assertTrue(done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_one_report_of_all(self) -> None:
        code, told = self.run_checks(
            *("connectivity", "broken", "mtu", "unmet", "colour")
        )
        self.assertEqual(report.ExitCode.INCONCLUSIVE, code)
        self.assertEqual([], told["findings"])
        self.assertEqual(
            [
                ("connectivity", "passed", None),
                (
                    *("broken", "inconclusive"),
                    "the check itself broke: KeyError('blue')",
                ),
                ("mtu", "passed", None),
                ("unmet", "skipped", "nobody looks at cables here"),
                ("colour", "passed", None),
            ],
            [
                (one["name"], one["status"], one["reason"])
                for one in told["checks"]
            ],
        )
        self.assertEqual(
            {"cables": [{"host": f"compute{n}"} for n in (1, 2, 3)]},
            told["checks"][4]["measurements"],
        )

    def test_one_fault_is_one_finding(self) -> None:
        self.lab.fault("mtu-path", hosts=["compute2"], network="tunnel")
        try:
            code, told = self.run_checks("connectivity", "mtu")
        finally:
            self.lab.heal()
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        (found,) = told["findings"]
        self.assertEqual("underlay-mtu-black-hole", found["code"])
        self.assertEqual("compute2", found["location"]["host"])
        self.assertEqual("connectivity", found["check"])
        self.assertEqual(["mtu"], found["also_found_by"])

    def test_a_suite_where_nobody_speaks_of_trunk_and_gateway(self) -> None:
        code, told = self.run_checks(
            *("--suite", "predeploy", "--network", "tunnel")
        )
        self.assertEqual([], told["findings"])
        self.assertEqual(report.ExitCode.HEALTHY, code, told["checks"])
        skipped = {
            one["name"]: one for one in told["checks"] if not one["applicable"]
        }
        self.assertEqual({"vlan", "gateway"}, skipped.keys())
        self.assertEqual("skipped", skipped["vlan"]["status"])
        self.assertRegex(
            skipped["vlan"]["reason"], "^nothing configured: no host is"
        )

    def test_what_follows_from_a_fault_is_no_second_one(self) -> None:
        """Where a third of the frames gets lost, little passes too."""
        self.lab.fault("partial-loss", hosts=["compute2"], value=33)
        try:
            code, told = self.run_checks(
                *("--suite", "predeploy", "--network", "tunnel")
            )
        finally:
            self.lab.heal()
        self.assertEqual(report.ExitCode.FAULT_FOUND, code)
        (found,) = told["findings"]
        self.assertEqual("underlay-partial-loss", found["code"])
        self.assertEqual("compute2", found["location"]["host"])
        self.assertEqual(["mtu", "bandwidth"], found["also_found_by"])
        self.assertRegex(
            found["affects"][-1], "of 6 tests of bandwidth on tunnel "
        )

    def test_unknown(self) -> None:
        done = self.steth("check", "run", "nothing")
        self.assertEqual(report.ExitCode.FAILED, done.returncode)
        self.assertRegex(
            done.stderr,
            "^there is no check 'nothing'; there are: .*connectivity.*mtu",
        )
        done = self.steth("check", "run", "--suite", "nothing")
        self.assertEqual(report.ExitCode.USAGE, done.returncode)
        self.assertIn("predeploy", done.stderr)
