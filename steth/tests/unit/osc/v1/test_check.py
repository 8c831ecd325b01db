# SPDX-License-Identifier: Apache-2.0

import json

from steth.osc.v1 import check
from steth.tests.unit.osc import fakes


class ListCheckTestCase(fakes.CommandTestCase):
    """Every installed check has a row."""

    def test_list(self) -> None:
        self.run_command(check.ListCheck, "-f", "json", "--long")
        rows = {one["Name"]: one for one in json.loads(self.output)}
        self.assertIn("probe.icmp", rows["connectivity"]["Operations"])
        self.assertTrue(rows["connectivity"]["Summary"])
