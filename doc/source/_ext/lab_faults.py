# SPDX-License-Identifier: Apache-2.0
"""The directive ``lab-faults``: the faults of the lab as a table."""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst
from sphinx import application

from steth.lab import catalogue


class LabFaults(rst.Directive):
    """Writes the table where the directive stands."""

    def run(self) -> list[nodes.Node]:
        """Insert the table as text, to be parsed in its place."""
        self.state.document.settings.record_dependencies.add(
            catalogue.__file__
        )
        self.state_machine.insert_input(
            statemachine.StringList(list(_table()), source=catalogue.__file__),
            catalogue.__file__,
        )
        return []


def _table() -> Iterator[str]:
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield ""
    yield "   * - Fault"
    yield "     - What it does"
    yield "     - Finding"
    for fault in catalogue.CATALOGUE.values():
        finding = fault.finding
        yield f"   * - ``{fault.name}``"
        yield f"     - {fault.summary}"
        yield (
            f"     - :ref:`{finding} <finding-{finding}>`"
            if finding
            else "     - none"
        )
    yield ""


def setup(app: application.Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("lab-faults", LabFaults)
    return {"parallel_read_safe": True}
