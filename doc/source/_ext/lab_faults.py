# SPDX-License-Identifier: Apache-2.0
"""The directives ``lab-faults`` and ``cloud-faults``: faults as tables."""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst
from sphinx import application

from steth.checks import catalogue as findings
from steth.lab import catalogue
from steth.lab.cloud.faults import catalogue as cloud_catalogue


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


class CloudFaults(rst.Directive):
    """Writes the table of a cloud's faults where the directive stands."""

    def run(self) -> list[nodes.Node]:
        """Insert the table as text, to be parsed in its place."""
        source = cloud_catalogue.__file__
        self.state.document.settings.record_dependencies.add(source)
        self.state_machine.insert_input(
            statemachine.StringList(list(_cloud_table()), source=source),
            source,
        )
        return []


def _cloud_table() -> Iterator[str]:
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield ""
    yield "   * - Fault"
    yield "     - Layer"
    yield "     - What it does"
    yield "     - Finding"
    for layer, faults in cloud_catalogue.LAYERS.items():
        for fault in faults:
            yield f"   * - ``{fault.name}``"
            yield f"     - {layer}"
            yield f"     - {fault.summary}"
            yield f"     - {_finding(fault.finding)}"
    yield ""


def _finding(code: str | None) -> str:
    """Return a reference to a finding, where a check reports it already."""
    if code is None:
        return "none"
    if code in findings.ENTRIES:
        return f":ref:`{code} <finding-{code}>`"
    return f"``{code}``"


def setup(app: application.Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("lab-faults", LabFaults)
    app.add_directive("cloud-faults", CloudFaults)
    return {"parallel_read_safe": True}
