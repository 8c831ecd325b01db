# SPDX-License-Identifier: Apache-2.0
"""The faults of a cloud, as data."""

import fnmatch
import json
import re
import string
import subprocess
import unittest

from steth.lab.cloud import layout
from steth.lab.cloud.faults import catalogue
from steth.lab.cloud.faults import fault as fault_module
from steth.lab.cloud.traffic import cells
from steth.tests.unit.lab.cloud.scenario import examples

#: What findings of the traffic of instances begin with.
_PREFIXES = (
    *("underlay", "host", "ovs", "tunnel", "dhcp", "metadata", "security"),
    *("router", "nat", "instance", "control"),
)


class CatalogueTestCase(unittest.TestCase):
    """Every fault can be put in, and shows where it says."""

    def setUp(self) -> None:
        self.cells = {
            one.name
            for one in (
                *cells.matrix(examples.inventory(), layout.Shape()),
                *cells.agents(layout.Shape()),
            )
        }

    def test_names_are_there_once(self) -> None:
        listed = [x.name for y in catalogue.LAYERS.values() for x in y]
        self.assertEqual(sorted(set(listed)), sorted(listed))

    def test_each_pattern_names_a_cell(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            # Its own instance is made with it.
            patterns = [
                x
                for x in (*fault.breaks, *fault.either)
                if not x.endswith("/stray")
            ]
            for pattern in patterns:
                with self.subTest(fault=fault.name, pattern=pattern):
                    self.assertTrue(fnmatch.filter(self.cells, pattern))

    def test_no_fault_breaks_what_has_to_be_blocked(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            for pattern in fault.breaks:
                found = fnmatch.filter(self.cells, pattern)
                self.assertFalse([x for x in found if x.startswith("blocked")])

    def test_faults_show_and_healthy_twins_do_not(self) -> None:
        for layer, faults in catalogue.LAYERS.items():
            for fault in faults:
                with self.subTest(fault=fault.name):
                    healthy = layer == "healthy"
                    self.assertEqual(healthy, fault.finding is None)
                    self.assertEqual(healthy, not fault.breaks)

    def test_findings_are_named_by_layer(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            if fault.finding:
                self.assertRegex(
                    fault.finding, rf"^({'|'.join(_PREFIXES)})(-[a-z0-9]+)+$"
                )

    def test_scripts_are_of_the_shell_s_grammar(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            for step in fault.steps:
                if not isinstance(step, fault_module.Script):
                    continue
                for script in (step.inject, step.heal):
                    done = subprocess.run(
                        ["sh", "-n"],
                        input=script,
                        capture_output=True,
                        text=True,
                        check=False,
                    )
                    self.assertEqual("", done.stderr, fault.name)

    def test_bodies_of_requests_are_json(self) -> None:
        for fault in catalogue.CATALOGUE.values():
            for step in fault.steps:
                if not isinstance(step, fault_module.Request):
                    continue
                for call in (*step.inject, *step.heal):
                    if call.body:
                        # A variable stands where it is text in JSON too.
                        self.assertIsInstance(json.loads(call.body), dict)
                    self.assertTrue(string.Template(call.path).is_valid())
                    self.assertFalse(re.search(r"[{}]", call.path))
