# SPDX-License-Identifier: Apache-2.0
"""The networks that ``check bandwidth`` measured."""

from collections.abc import Callable

from steth.report.tables import base


def _hosts(row: base.Row) -> str:
    if row["hosts"] == row["hosts_expected"]:
        return str(row["hosts"])
    return f"{row['hosts']}/{row['hosts_expected']}"


def _mbits(key: str) -> Callable[[base.Row], str]:
    return lambda row: "-" if row[key] is None else f"{row[key]:.0f}"


TABLE = base.Table(
    key="networks",
    columns=(
        base.Column(title="Network", show=base.text("name"), align="l"),
        base.Column(title="Hosts", show=_hosts),
        base.Column(
            title="Pairs",
            show=lambda row: f"{row['pairs_tested']}/{row['pairs']}",
        ),
        base.Column(title="Min Mbit/s", show=_mbits("min_mbits")),
        base.Column(title="Median", show=_mbits("median_mbits")),
        base.Column(title="Max", show=_mbits("max_mbits")),
        base.Column(
            title="Slowest Host", show=base.text("slowest_host"), align="l"
        ),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "name",
        "CIDRs": "cidrs",
        "Hosts": "hosts",
        "Hosts Expected": "hosts_expected",
        "Pairs Tested": "pairs_tested",
        "Pairs": "pairs",
        "Min Mbit/s": "min_mbits",
        "Median Mbit/s": "median_mbits",
        "Max Mbit/s": "max_mbits",
        "Slowest Host": "slowest_host",
        "Status": "status",
    },
)
