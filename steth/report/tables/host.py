# SPDX-License-Identifier: Apache-2.0
"""The hosts that ``check host`` looked at."""

from steth.report.tables import base


def _interfaces(row: base.Row) -> str:
    if row["interfaces"] is None:
        return "-"
    return f"{row['interfaces_up']}/{row['interfaces']}"


def _clock(row: base.Row) -> str:
    if row["clock_offset_ms"] is None:
        return "-"
    offset = round(row["clock_offset_ms"])
    return f"{offset:+d} ± {row['clock_error_ms']:.0f}"


TABLE = base.Table(
    key="hosts",
    columns=(
        base.Column(title="Host", show=base.text("host"), align="l"),
        base.Column(title="Interfaces", show=_interfaces),
        base.Column(title="Clock Offset ms", show=_clock),
        base.Column(title="Problems", show=base.text("problems")),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Host": "host",
        "Host Name": "hostname",
        "Interfaces Up": "interfaces_up",
        "Interfaces": "interfaces",
        "Clock Offset ms": "clock_offset_ms",
        "Clock Error ms": "clock_error_ms",
        "Seconds Watched": "seconds_watched",
        "Problems": "problems",
        "Status": "status",
    },
)
