# SPDX-License-Identifier: Apache-2.0

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import json
from typing import Any

from steth.osc import columns
from steth.osc import lister
from steth.tests.unit.osc import fakes


class _ListThings(lister.Lister):
    """List things."""

    auth_required = False

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        return ("Name", "Uptime", "Reason", "VLAN", "STP", "Ports"), [
            (
                "a",
                columns.Uptime(61.5),
                columns.Text(None),
                columns.Number(7),
                columns.Answer(True),
                columns.Names(["x", "y"]),
            )
        ]


class ListerTestCase(fakes.CommandTestCase):
    def listed(self, *options: str) -> str:
        self.assertEqual(0, self.run_command(_ListThings, *options))
        return self.output

    def test_csv(self) -> None:
        """What is missing is empty, and a number is one."""
        self.assertEqual(
            '"a",61.5,"",7,"True","[\'x\', \'y\']"',
            self.listed("-f", "csv").splitlines()[1],
        )

    def test_sorted_and_chosen(self) -> None:
        self.assertEqual(
            ['"Reason","VLAN"', '"",7'],
            self.listed(
                *("-f", "csv", "-c", "VLAN", "-c", "Reason"),
                *("--sort-column", "Reason"),
            ).splitlines(),
        )

    def test_others(self) -> None:
        self.assertIn("| 1 min 1 s | -      |", self.listed())

    def test_json(self) -> None:
        (row,) = json.loads(self.listed("-f", "json"))
        self.assertEqual((61.5, None), (row["Uptime"], row["Reason"]))
