# SPDX-License-Identifier: Apache-2.0
"""The table of each check's measurements, a module a check.

A check of another package has none here: a list of rows that is alone in its
measurements is shown as it is.
"""

from typing import Any

from steth.model import report as report_model
from steth.report.tables import bandwidth
from steth.report.tables import base
from steth.report.tables import connectivity
from steth.report.tables import gateway
from steth.report.tables import host
from steth.report.tables import mtu
from steth.report.tables import multicast
from steth.report.tables import rogue_dhcp
from steth.report.tables import vlan

_TABLES = {
    "bandwidth": bandwidth.TABLE,
    "connectivity": connectivity.TABLE,
    "gateway": gateway.TABLE,
    "host": host.TABLE,
    "mtu": mtu.TABLE,
    "multicast": multicast.TABLE,
    "rogue-dhcp": rogue_dhcp.TABLE,
    "vlan": vlan.TABLE,
}


def of(check: str, measurements: dict[str, Any]) -> base.Table | None:
    """Return how a check's measurements are shown, None if as no table."""
    if check in _TABLES:
        return _TABLES[check]
    lists = [
        key
        for key, value in measurements.items()
        if isinstance(value, list)
        and value
        and all(isinstance(row, dict) for row in value)
    ]
    if len(lists) != 1:
        return None
    fields = dict.fromkeys(
        field for row in measurements[lists[0]] for field in row
    )
    return base.Table(
        key=lists[0],
        columns=tuple(
            base.Column(title=one, show=base.text(one), align="l")
            for one in fields
        ),
        fields={one: one for one in fields},
    )


def rendered(check: report_model.CheckResult, width: int) -> str:
    """Return a check's table for people; empty when it has none."""
    table = of(check.name, check.measurements)
    return table.render(check.measurements, width) if table else ""
