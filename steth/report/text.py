# SPDX-License-Identifier: Apache-2.0
"""A report for people: a table, a block for each finding, a closing line.

In good order it is the table and the closing line, and nothing else.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import itertools
import textwrap

from steth.model import finding as finding_model
from steth.model import report as report_model
from steth.report import agents
from steth.report import blocks
from steth.report import tables

#: How severities are counted.
_WORDS = {
    finding_model.Severity.CRITICAL: "fault",
    finding_model.Severity.WARNING: "warning",
    finding_model.Severity.INFO: "remark",
}


def render(report: report_model.Report, width: int) -> str:
    """Return the report as lines, the last one with a newline too.

    :param width: the widest line to aim at, in characters
    """
    shown = list(_tables(report.checks, width))
    parts = list(shown)
    parts += _findings(report.findings, width)
    closing = [
        *_checks(report.checks),
        *(f"note: {note}" for note in report.notes),
        agents.summary(report.agents, report.duration),
    ]
    # The closing lines stand close to the table where nothing is between.
    last = "\n".join(_wrapped(line, width) for line in closing)
    if len(parts) == len(shown) == len(closing) == 1:
        parts[-1] += "\n" + last
    else:
        parts.append(last)
    return "\n\n".join(parts) + "\n"


def _tables(
    checks: tuple[report_model.CheckResult, ...], width: int
) -> Iterator[str]:
    """Yield the checks' tables, with their names where there are several."""
    for one in checks:
        table = tables.rendered(one, width)
        if table:
            yield table if len(checks) == 1 else f"{one.name}\n{table}"


def _findings(
    findings: Iterable[finding_model.Finding], width: int
) -> Iterator[str]:
    ordered = sorted(
        findings, key=lambda one: list(_WORDS).index(one.severity)
    )
    for severity, group in itertools.groupby(
        ordered, key=lambda one: one.severity
    ):
        same = list(group)
        word = _WORDS[severity]
        for number, one in enumerate(same, start=1):
            title = (
                f"1 {word}"
                if len(same) == 1
                else f"{word} {number} of {len(same)}"
            )
            yield blocks.render(title, one, width)


def _checks(checks: Iterable[report_model.CheckResult]) -> Iterator[str]:
    """Say what the table does not: why a check has no clear result."""
    for one in checks:
        if one.reason is not None:
            yield f"{one.name}: {one.status}: {one.reason}"
        elif not tables.of(one.name, one.measurements):
            yield f"{one.name}: {one.status}"


def _wrapped(line: str, width: int) -> str:
    return textwrap.fill(
        line,
        width,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
