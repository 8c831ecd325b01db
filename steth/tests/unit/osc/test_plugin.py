# SPDX-License-Identifier: Apache-2.0

import argparse
from importlib import metadata
import inspect
import os
import subprocess
import sys
import unittest
from unittest import mock

from steth.osc import plugin

_IMPORTED = """
import sys
before = set(sys.modules)
from osc_lib import utils
known = set(sys.modules)
import steth.osc.plugin
print(" ".join(sorted(set(sys.modules) - known)))
"""


class PluginTestCase(unittest.TestCase):
    """Every ``openstack`` command pays for this module."""

    def test_imports_nothing_else(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTED],
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(
            ["steth", "steth.osc", "steth.osc.plugin"], done.stdout.split()
        )

    def test_options(self) -> None:
        with mock.patch.dict(os.environ, {"STETH_CONFIG_FILE": "/a.conf"}):
            parser = plugin.build_option_parser(argparse.ArgumentParser())
        self.assertEqual("/a.conf", parser.parse_args([]).steth_config_file)
        given = parser.parse_args(["--steth-config-file", "/b.conf"])
        self.assertEqual("/b.conf", given.steth_config_file)

    def test_interface(self) -> None:
        self.assertEqual("steth", plugin.API_NAME)
        self.assertIn(plugin.DEFAULT_API_VERSION, plugin.API_VERSIONS)
        self.assertTrue(callable(plugin.make_client))

    def test_descriptions_read_as_sentences(self) -> None:
        """The help joins the summary and what follows it."""
        commands = metadata.entry_points(group="openstack.steth.v1")
        self.assertTrue(commands)
        for command in commands:
            described = inspect.getdoc(command.load()) or ""
            summary, _, rest = described.partition("\n")
            if rest:
                with self.subTest(command=command.name):
                    self.assertTrue(summary.endswith("."), summary)
