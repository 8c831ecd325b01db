# SPDX-License-Identifier: Apache-2.0
"""A report for machines: the whole of it, or its networks as rows."""

import json
from typing import Any
from typing import cast

import msgspec
import yaml

from steth.model import report as report_model

#: The columns of :func:`network_rows`, and what each shows of a network in
#: ``measurements["networks"]``.
NETWORK_COLUMNS = {
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
}


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


def networks(report: report_model.Report) -> list[dict[str, Any]]:
    """Return what the checks measured of each network."""
    return [
        network
        for check in report.checks
        for network in check.measurements.get("networks", ())
    ]


def network_rows(report: report_model.Report) -> list[list[Any]]:
    """Return a row for each network, in the order of NETWORK_COLUMNS."""
    return [
        [network.get(key) for key in NETWORK_COLUMNS.values()]
        for network in networks(report)
    ]
