# SPDX-License-Identifier: Apache-2.0
"""A report for machines: the whole of it, or a table of it as rows."""

import json
from typing import Any
from typing import cast

import msgspec
import yaml

from steth.model import report as report_model
from steth.report import tables


def to_json(report: report_model.Report, *, indent: int | None = 2) -> str:
    """Return the report as one JSON object, without a final newline."""
    return json.dumps(msgspec.to_builtins(report), indent=indent)


def to_yaml(report: report_model.Report) -> str:
    """Return the report as one YAML document."""
    return cast(
        str,
        yaml.safe_dump(
            msgspec.to_builtins(report),
            sort_keys=False,
            default_flow_style=False,
            allow_unicode=True,
        ),
    )


def rows(
    check: str, report: report_model.Report
) -> tuple[list[str], list[list[Any]]]:
    """Return the titles and rows of one check's table, plain values.

    A check without a table has the rows of :func:`checks`.
    """
    for one in report.checks:
        table = tables.of(one.name, one.measurements)
        if one.name == check and table is not None:
            return list(table.fields), table.rows(one.measurements)
    return checks(report)


def checks(
    report: report_model.Report,
) -> tuple[list[str], list[list[Any]]]:
    """Return the titles, and a row for each check of a run."""
    return (
        ["Check", "Status", "Reason", "Duration", "Findings"],
        [
            [
                one.name,
                str(one.status),
                one.reason,
                one.duration,
                sum(
                    one.name in (found.check, *found.also_found_by)
                    for found in report.findings
                ),
            ]
            for one in report.checks
        ],
    )
