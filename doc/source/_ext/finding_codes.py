# SPDX-License-Identifier: Apache-2.0
"""The directive ``finding-codes``: the catalogue of findings as sections.

It writes a table of all codes, and a section with a label of its own for
each, ``finding-<code>``, so that other pages can refer to one.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst
from sphinx import application

from steth.checks import catalogue


class FindingCodes(rst.Directive):
    """Writes the catalogue where the directive stands."""

    def run(self) -> list[nodes.Node]:
        """Insert the catalogue as text, to be parsed in its place."""
        self.state.document.settings.record_dependencies.add(
            catalogue.__file__
        )
        entries = sorted(catalogue.ENTRIES.values(), key=_by_code)
        lines = [*_table(entries)]
        for entry in entries:
            lines += _section(entry)
        self.state_machine.insert_input(
            statemachine.StringList(lines, source=catalogue.__file__),
            catalogue.__file__,
        )
        return []


def _by_code(entry: catalogue.Entry) -> str:
    return entry.code


def _table(entries: list[catalogue.Entry]) -> Iterator[str]:
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield ""
    yield "   * - Code"
    yield "     - Severity"
    yield "     - Meaning"
    for entry in entries:
        yield f"   * - :ref:`{entry.code} <finding-{entry.code}>`"
        yield f"     - {entry.severity}"
        yield f"     - {entry.meaning}"
    yield ""


def _section(entry: catalogue.Entry) -> Iterator[str]:
    yield f".. _finding-{entry.code}:"
    yield ""
    yield entry.code
    yield "-" * len(entry.code)
    yield ""
    yield f"Severity: {entry.severity}. {entry.meaning}"
    yield ""
    for title, text in (
        ("How it is proved", entry.proof),
        ("What to do", entry.remedy),
    ):
        yield f"**{title}.** {text}"
        yield ""


def setup(app: application.Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("finding-codes", FindingCodes)
    return {"parallel_read_safe": True}
