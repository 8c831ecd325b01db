# SPDX-License-Identifier: Apache-2.0
"""A report for people: a table, a block for each finding, a closing line.

In good order it is the table and the closing line, and nothing else.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import itertools
import textwrap
from typing import Any

import prettytable

from steth.model import finding as finding_model
from steth.model import report as report_model
from steth.report import agents
from steth.report import blocks
from steth.report import plain

_TITLES = {
    "Network": "l",
    "Hosts": "r",
    "Pairs": "r",
    "Loss": "r",
    "RTT ms p50/p99": "r",
    "MTU": "r",
    "Status": "l",
}
#: Names are wrapped before the table gets wider than the terminal, but not
#: into columns of letters.
_NARROWEST_NAME = 12
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
    parts = []
    networks = plain.networks(report)
    if networks:
        parts.append(_table(networks, width))
    parts += _findings(report.findings, width)
    closing = [
        *_checks(report.checks),
        *(f"note: {note}" for note in report.notes),
        agents.summary(report.agents, report.duration),
    ]
    # The closing lines stand close to the table where nothing is between.
    last = "\n".join(_wrapped(line, width) for line in closing)
    if len(parts) == bool(networks) and len(closing) == 1 and parts:
        parts[-1] += "\n" + last
    else:
        parts.append(last)
    return "\n\n".join(parts) + "\n"


def _table(networks: Iterable[dict[str, Any]], width: int) -> str:
    table = prettytable.PrettyTable(list(_TITLES))
    for title, alignment in _TITLES.items():
        table.align[title] = alignment  # type: ignore[assignment]
    for network in networks:
        table.add_row(_row(network))
    over = len(table.get_string().partition("\n")[0]) - width
    if over > 0:
        longest = max(len(row[0]) for row in table.rows)
        table.max_width["Network"] = max(longest - over, _NARROWEST_NAME)
    return table.get_string()


def _row(network: dict[str, Any]) -> list[str]:
    hosts = str(network["hosts"])
    if network["hosts"] != network["hosts_expected"]:
        hosts += f"/{network['hosts_expected']}"
    return [
        str(network["name"]),
        hosts,
        f"{network['pairs_ok']}/{network['pairs']}",
        _percent(network["loss_percent"]),
        f"{_ms(network['rtt_p50_ms'])} / {_ms(network['rtt_p99_ms'])}",
        "-" if network["mtu"] is None else str(network["mtu"]),
        str(network["status"]),
    ]


def _percent(value: float | None) -> str:
    if value is None:
        return "-"
    # A little loss must not look like none, nor a little life like none.
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    return f"{value:.1f} %" if value % 1 else f"{value:.0f} %"


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


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
        elif not one.measurements.get("networks"):
            yield f"{one.name}: {one.status}"


def _wrapped(line: str, width: int) -> str:
    return textwrap.fill(
        line,
        width,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
