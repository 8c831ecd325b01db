# SPDX-License-Identifier: Apache-2.0
"""The gateways that ``check gateway`` asked for."""

from steth.report.tables import base


def _network(row: base.Row) -> str:
    vlan = f" VLAN {row['vlan']}" if row["vlan"] else ""
    return f"{row['network']}{vlan}"


def _hosts(row: base.Row) -> str:
    return f"{row['answered']}/{row['hosts']}"


def _macs(row: base.Row) -> str:
    return ", ".join(row["macs"]) or "-"


TABLE = base.Table(
    key="gateways",
    columns=(
        base.Column(title="Network", show=_network, align="l"),
        base.Column(title="Gateway", show=base.text("gateway"), align="l"),
        base.Column(
            title="Known from", show=base.text("known_from"), align="l"
        ),
        base.Column(title="Hosts", show=_hosts),
        base.Column(title="MAC", show=_macs, align="l"),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "network",
        "VLAN": "vlan",
        "Gateway": "gateway",
        "Known From": "known_from",
        "Hosts": "hosts",
        "Answered": "answered",
        "MACs": "macs",
        "Status": "status",
    },
)
