# SPDX-License-Identifier: Apache-2.0
"""The path MTUs that ``check mtu`` measured."""

from steth.report.tables import base


def _pairs(row: base.Row) -> str:
    return f"{row['pairs_ok']}/{row['pairs']}"


TABLE = base.Table(
    key="networks",
    columns=(
        base.Column(title="Network", show=base.text("name"), align="l"),
        base.Column(title="Hosts", show=base.text("hosts")),
        base.Column(title="Pairs", show=_pairs),
        base.Column(title="Needed", show=base.text("needed")),
        base.Column(title="Smallest Path MTU", show=base.text("smallest")),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "name",
        "CIDRs": "cidrs",
        "Hosts": "hosts",
        "Pairs OK": "pairs_ok",
        "Pairs Measured": "pairs_measured",
        "Pairs": "pairs",
        "Needed": "needed",
        "Needed By": "needed_by",
        "Smallest Path MTU": "smallest",
        "Largest Path MTU": "largest",
        "Status": "status",
    },
)
