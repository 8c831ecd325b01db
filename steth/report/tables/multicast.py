# SPDX-License-Identifier: Apache-2.0
"""The networks on which ``check multicast`` had a group."""

from steth.report.tables import base


def _pairs(row: base.Row) -> str:
    return f"{row['pairs_ok']}/{row['pairs']}"


def _version(row: base.Row) -> str:
    return f"IPv{row['family']}"


TABLE = base.Table(
    key="networks",
    columns=(
        base.Column(title="Network", show=base.text("network"), align="l"),
        base.Column(title="Version", show=_version, align="l"),
        base.Column(title="Hosts", show=base.text("hosts")),
        base.Column(title="Pairs", show=_pairs),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "network",
        "IP Version": "family",
        "Hosts": "hosts",
        "Pairs OK": "pairs_ok",
        "Pairs": "pairs",
        "Hears Nobody": "hears_nobody",
        "Nobody Hears": "nobody_hears",
        "Status": "status",
    },
)
