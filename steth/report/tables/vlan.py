# SPDX-License-Identifier: Apache-2.0
"""The hosts on the trunks that ``check vlan`` tried."""

from collections.abc import Callable

from steth.report.tables import base

#: More ranges than these are shortened for people.
_MOST = 4


def _ranges(key: str) -> Callable[[base.Row], str]:
    def show(row: base.Row) -> str:
        ranges = row[key].split(",") if row[key] else ["-"]
        if len(ranges) > _MOST:
            more = len(ranges) - _MOST
            ranges = [*ranges[:_MOST], f"{more} more ranges"]
        return ", ".join(ranges)

    return show


TABLE = base.Table(
    key="trunks",
    columns=(
        base.Column(title="Host", show=base.text("host"), align="l"),
        base.Column(title="Interface", show=base.text("interface"), align="l"),
        base.Column(
            title="Switch Port",
            show=base.text("switch_port"),
            align="l",
            optional=True,
        ),
        base.Column(
            title="Network", show=base.text("physical_network"), align="l"
        ),
        base.Column(title="VLANs passed", show=_ranges("passed"), align="l"),
        base.Column(title="Missing", show=_ranges("missing"), align="l"),
        base.Column(title="Status", show=base.text("status"), align="l"),
    ),
    fields={
        "Host": "host",
        "Interface": "interface",
        "Switch Port": "switch_port",
        "Physical Network": "physical_network",
        "VLANs Passed": "passed",
        "VLANs Missing": "missing",
        "Frames Sent": "frames_sent",
        "Frames Heard": "frames_heard",
        "Frames Lost": "frames_lost",
        "Status": "status",
    },
)
