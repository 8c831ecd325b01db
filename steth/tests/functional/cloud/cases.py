# SPDX-License-Identifier: Apache-2.0
"""What tests of instances in a cloud have in common."""

from collections.abc import Iterable
from typing import ClassVar
import unittest

from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import layout
from steth.lab.cloud.faults import injection
from steth.lab.cloud.scenario import build
from steth.lab.cloud.scenario import inventory
from steth.lab.cloud.traffic import matrix
from steth.tests.functional import needs

#: Seconds until all works in a cloud that was just filled, or healed.
HEALTHY = 120.0


class ScenarioTestCase(unittest.TestCase):
    """A cloud with the scenario in it; each test leaves it healthy."""

    shape: ClassVar[layout.Shape] = layout.Shape()
    cloud: ClassVar[cloud_module.Cloud]

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = needs.cloud(cls.shape)
        # Those of a run that was killed.
        injection.Faults(cls.cloud).heal()
        with cls.cloud.changing():
            build.build(cls.cloud, lambda text: None)

    def setUp(self) -> None:
        self.faults = injection.Faults(self.cloud)

    def matrix(self) -> matrix.Matrix:
        """Return the traffic matrix as the scenario is now."""
        return matrix.Matrix(self.cloud, inventory.load(self.cloud.directory))

    def assert_state(
        self,
        timeout: float,
        *,
        broken: Iterable[str] = (),
        either: Iterable[str] = (),
    ) -> None:
        """Check that nothing works but what is not said to be broken.

        :param broken: patterns of the cells that must not work
        :param either: patterns of those that may
        """
        found = self.matrix()
        names = {one.name for one in found.cells(broken)}
        unknown = {one.name for one in found.cells(either)} - names
        wrong = found.await_state(
            [one for one in found.cells() if one.name not in unknown],
            timeout,
            names,
        )
        self.assertEqual(
            [],
            [
                f"{one.cell.name} "
                f"{'works' if one.passed else 'does not work'}: {one.said}"
                for one in wrong
            ],
        )
