# SPDX-License-Identifier: Apache-2.0
"""The networks on which ``check rogue-dhcp`` asked for servers."""

from steth.report.tables import base


def _network(row: base.Row) -> str:
    vlan = f" VLAN {row['vlan']}" if row["vlan"] else ""
    return f"{row['network']}{vlan}"


def _expected(row: base.Row) -> str:
    return (
        ", ".join(
            f"{address} ({hosts}/{row['hosts']})"
            for address, hosts in row["expected"].items()
        )
        or "none"
    )


def _others(row: base.Row) -> str:
    return (
        ", ".join(
            f"{one['address']} at {one['mac']}"
            for one in row["servers"]
            if not one["expected"]
        )
        or "none"
    )


TABLE = base.Table(
    key="networks",
    columns=(
        base.Column(title="Network", show=_network, align="l"),
        base.Column(title="Hosts", show=base.text("hosts")),
        base.Column(title="Expected servers", show=_expected, align="l"),
        base.Column(title="Others", show=_others, align="l"),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Network": "network",
        "VLAN": "vlan",
        "Hosts": "hosts",
        "Expected Servers": "expected",
        "Servers": "servers",
        "Status": "status",
    },
)
