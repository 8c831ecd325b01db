# SPDX-License-Identifier: Apache-2.0
"""Running the traffic matrix, or some cells of it, against a cloud."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
import fnmatch
import functools
import time
from typing import Any

from steth.lab import errors
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.instance import machine as machine_module
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.traffic import cell as cell_module
from steth.lab.cloud.traffic import cells as cells_module
from steth.lab.cloud.traffic import probe

#: Seconds between two tries of what is not yet as it should be.
_PAUSE = 0.5


class Matrix:
    """The cells of a cloud's scenario.

    :param inventory: what was made, read again by each new object
    """

    def __init__(
        self,
        cloud: cloud_module.Cloud,
        inventory: inventory_module.Inventory,
    ) -> None:
        self._cloud = cloud
        self._inventory = inventory

    @functools.cached_property
    def _connection(self) -> Any:
        return self._cloud.connection()

    def cells(
        self, patterns: Iterable[str] = ("*",)
    ) -> list[cell_module.Cell]:
        """Return the cells whose names match any of the patterns.

        :param patterns: as the shell has them, see fnmatch(3)
        :raises errors.LabError: naming a pattern that matches none
        """
        known = [
            *cells_module.matrix(self._inventory, self._cloud.shape),
            *cells_module.agents(self._cloud.shape),
        ]
        chosen: dict[str, cell_module.Cell] = {}
        for pattern in patterns:
            found = [x for x in known if fnmatch.fnmatch(x.name, pattern)]
            if not found:
                raise errors.LabError(
                    f"no cell of the traffic matrix is named {pattern}"
                )
            chosen.update({one.name: one for one in found})
        return list(chosen.values())

    def run(
        self, cells: Sequence[cell_module.Cell]
    ) -> list[cell_module.Result]:
        """Try cells once, all at the same time."""
        asked = [x for x in cells if not x.source]
        tried = [x for x in cells if x.source]
        places = dict(self._cloud.inits())
        running = machine_module.running(self._cloud.directory)
        places.update({name: one.process for name, one in running.items()})
        return [*probe.attempt(tried, places), *self._ask(asked)]

    def await_state(
        self,
        cells: Sequence[cell_module.Cell],
        timeout: float,
        broken: Collection[str] = (),
    ) -> list[cell_module.Result]:
        """Try cells until all are as they should be, or time is over.

        They have to be so at the same time: in the end all are tried again
        where some were not at first.

        :param timeout: seconds
        :param broken: the names of those that should not work
        :returns: those that are not as they should be; none where all are
        """
        end = time.monotonic() + timeout
        left: Sequence[cell_module.Cell] = cells
        while True:
            wrong = [
                one
                for one in self.run(left)
                if one.passed is (one.cell.name in broken)
            ]
            if not wrong and left is cells:
                return []
            if wrong and time.monotonic() > end:
                return wrong
            if wrong:
                left = [one.cell for one in wrong]
                # Instances and agents tell nobody when they are ready.
                time.sleep(_PAUSE)
            else:
                left = cells

    def _ask(
        self, cells: Sequence[cell_module.Cell]
    ) -> list[cell_module.Result]:
        """Ask Neutron, once for all of a kind."""
        found = []
        answers: dict[cell_module.Kind, dict[str, str]] = {}
        for cell in cells:
            if cell.kind not in answers:
                answers[cell.kind] = _QUESTIONS[cell.kind](self._connection)
            said = answers[cell.kind].get(cell.target, "Neutron has none")
            found.append(
                cell_module.Result(
                    cell=cell, passed=said == cell.expected, said=said
                )
            )
        return found


def _ports(connection: Any) -> dict[str, str]:
    """Return how each port is, by its id."""
    return {
        port.id: f"{port.status}, {port.binding_vif_type}"
        for port in connection.network.ports(device_owner="compute:nova")
    }


def _agents(connection: Any) -> dict[str, str]:
    """Return how each agent is, by its host and binary."""
    return {
        f"{agent.host}/{agent.binary}": "alive" if agent.is_alive else "dead"
        for agent in connection.network.agents()
    }


_QUESTIONS: dict[cell_module.Kind, Callable[[Any], dict[str, str]]] = {
    cell_module.Kind.PORT: _ports,
    cell_module.Kind.AGENT: _agents,
}
