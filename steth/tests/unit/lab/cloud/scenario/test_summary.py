# SPDX-License-Identifier: Apache-2.0
"""The scenario as a person reads it."""

import unittest

import msgspec

from steth.lab.cloud.scenario import summary
from steth.tests.unit.lab.cloud.scenario import examples


class SummaryTestCase(unittest.TestCase):
    """The tables of networks and instances."""

    def test_instances(self) -> None:
        made = examples.inventory()
        made.instances["db1"] = msgspec.structs.replace(
            made.instances["db1"], powered=False
        )
        lines = {
            line.split()[0]: line.split()
            for line in summary.instances(made, ["web1", "db2"])
        }
        self.assertEqual("203.0.113.1", lines["web1"][5])
        self.assertEqual("running", lines["web1"][-1])
        self.assertEqual("missing", lines["web2"][-1])
        self.assertEqual("off", lines["db1"][-1])

    def test_scenario(self) -> None:
        text = "\n".join(summary.scenario(examples.inventory(), []))
        self.assertIn("router goes out as 203.0.113.99", text)
        self.assertRegex(text, r"tenant-vxlan +vxlan +- +1450 +10\.10\.1\.0")
