# SPDX-License-Identifier: Apache-2.0
"""The commands ``cloud fault …``."""

import argparse

from steth.lab.cloud import actions
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.faults import catalogue
from steth.lab.cloud.faults import injection
from steth.lab.cloud.scenario import summary


def add_commands(add: actions.Add) -> None:
    """Add the command with its actions."""
    group = actions.Actions(add, "fault", "put faults in and take them back")
    group.add("list", "show all faults that there are", _list)
    inject = group.add("inject", "put a fault in", _inject)
    inject.add_argument("name", metavar="<fault>")
    heal = group.add("heal", "take faults back", _heal)
    heal.add_argument(
        "name", nargs="?", metavar="<fault>", help="default: all of them"
    )
    group.add("status", "show the faults that are in the cloud", _status)


def _list(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    rows = [
        (one.name, layer, one.summary, one.finding or "none")
        for layer, found in catalogue.LAYERS.items()
        for one in found
    ]
    header = ("fault", "layer", "what it does", "finding")
    print("\n".join(summary.table(header, rows)))
    return 0


def _inject(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    fault = injection.Faults(cloud).inject(parsed.name)
    print(f"injected: {fault.name} on {fault.host}: {fault.summary}")
    if fault.breaks:
        print(f"it breaks: {' '.join(fault.breaks)}")
    return 0


def _heal(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    for one in injection.Faults(cloud).heal(parsed.name):
        print(f"healed: {one}")
    return 0


def _status(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    found = injection.Faults(cloud).inside()
    for one in found:
        fault = catalogue.CATALOGUE[one.fault]
        print(f"{fault.name} on {fault.host}: {fault.summary}")
    if not found:
        print("no fault is in the cloud")
    return 0
