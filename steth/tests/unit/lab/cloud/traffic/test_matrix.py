# SPDX-License-Identifier: Apache-2.0
"""Which cells are run, and until when."""

from collections.abc import Sequence
import time
import unittest
from unittest import mock

from steth.lab import errors
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout
from steth.lab.cloud.traffic import cell
from steth.lab.cloud.traffic import matrix
from steth.tests.unit.lab.cloud.scenario import examples


class Script(matrix.Matrix):
    """A matrix whose runs are written down.

    :param runs: the names of the cells that work, run by run; the last
        goes on for ever
    """

    def __init__(self, *runs: set[str]) -> None:
        cloud = mock.Mock(spec=cloud_module.Cloud, shape=layout.Shape())
        super().__init__(cloud, examples.inventory())
        self.runs = list(runs)
        self.tried: list[list[str]] = []

    def run(self, cells: Sequence[cell.Cell]) -> list[cell.Result]:
        """Return the next run."""
        self.tried.append([one.name for one in cells])
        working = self.runs.pop(0) if len(self.runs) > 1 else self.runs[0]
        return [
            cell.Result(cell=one, passed=one.name in working, said="")
            for one in cells
        ]


class CellsTestCase(unittest.TestCase):
    """Cells are chosen by patterns."""

    def test_a_cell_is_chosen_once(self) -> None:
        found = Script(set()).cells(["lease/web*", "lease/*1"])
        self.assertEqual(
            ["lease/web1", "lease/web2", "lease/db1", "lease/lan1"],
            [one.name for one in found],
        )

    def test_a_pattern_that_names_none(self) -> None:
        with self.assertRaisesRegex(errors.LabError, "named lease/nobody"):
            Script(set()).cells(["lease/nobody"])


class AwaitTestCase(unittest.TestCase):
    """What is as it should be is tried again only in the end."""

    def setUp(self) -> None:
        self.enterContext(mock.patch.object(time, "sleep", autospec=True))

    def test_until_each_is_as_it_should_be(self) -> None:
        every = ["lease/web1", "lease/db1", "lease/db2"]
        script = Script(
            {"lease/db1", "lease/db2"},
            {"lease/web1"},
            # One that worked does not any more, nor at the first try after.
            {"lease/web1"},
            set(),
            {"lease/db2"},
            {"lease/web1", "lease/db2"},
        )
        cells = script.cells(["lease/web1", "lease/db*"])
        wrong = script.await_state(cells, 60, broken={"lease/db1"})
        self.assertEqual([], wrong)
        # The first of them did not work yet, and the second did still.
        self.assertEqual(
            [every, every[:2], every, every[2:], every[2:], every],
            script.tried,
        )

    def test_all_at_once(self) -> None:
        script = Script({"lease/web1"})
        cells = script.cells(["lease/web1"])
        self.assertEqual([], script.await_state(cells, 60))
        self.assertEqual(1, len(script.tried))

    def test_until_time_is_over(self) -> None:
        script = Script({"lease/web1"})
        cells = script.cells(["lease/web*"])
        (wrong,) = script.await_state(cells, 0)
        self.assertEqual("lease/web2", wrong.cell.name)
        self.assertFalse(wrong.passed)
