# SPDX-License-Identifier: Apache-2.0
"""The networks that ``check connectivity`` measured."""

from steth.report.tables import base


def _hosts(row: base.Row) -> str:
    if row["hosts"] == row["hosts_expected"]:
        return str(row["hosts"])
    return f"{row['hosts']}/{row['hosts_expected']}"


def _rtt(row: base.Row) -> str:
    return (
        f"{base.milliseconds(row['rtt_p50_ms'])} / "
        f"{base.milliseconds(row['rtt_p99_ms'])}"
    )


TABLE = base.Table(
    key="networks",
    columns=(
        base.Column(title="Network", show=base.text("name"), align="l"),
        base.Column(title="Hosts", show=_hosts),
        base.Column(
            title="Pairs", show=lambda row: f"{row['pairs_ok']}/{row['pairs']}"
        ),
        base.Column(
            title="Loss", show=lambda row: base.percent(row["loss_percent"])
        ),
        base.Column(title="RTT ms p50/p99", show=_rtt),
        base.Column(title="MTU", show=base.text("mtu")),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "name",
        "CIDRs": "cidrs",
        "Hosts": "hosts",
        "Hosts Expected": "hosts_expected",
        "Pairs OK": "pairs_ok",
        "Pairs": "pairs",
        "Sent": "sent",
        "Received": "received",
        "Loss Percent": "loss_percent",
        "RTT p50 ms": "rtt_p50_ms",
        "RTT p99 ms": "rtt_p99_ms",
        "MTU": "mtu",
        "Status": "status",
    },
)
