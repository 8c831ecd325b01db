# SPDX-License-Identifier: Apache-2.0
"""The command ``cloud traffic``."""

import argparse
from collections.abc import Sequence
import time

from steth.lab.cloud import actions
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import summary
from steth.lab.cloud.traffic import cell
from steth.lab.cloud.traffic import matrix


def add_commands(add: actions.Add) -> None:
    """Add the command."""
    parser = add(
        "traffic",
        "try what instances should be able to do; exits with 1 where "
        "something does not work",
        _traffic,
    )
    parser.add_argument(
        "cells",
        nargs="*",
        default=["*"],
        metavar="<cell>",
        help="which, as patterns such as 'lease/*' (default: all of them)",
    )
    parser.add_argument(
        "--all", action="store_true", help="show also what works"
    )


def _traffic(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    matrix_ = matrix.Matrix(cloud, inventory_module.load(cloud.directory))
    results = matrix_.run(matrix_.cells(parsed.cells))
    took = time.monotonic() - began
    shown = [x for x in results if parsed.all or not x.passed]
    if shown:
        print("\n".join(_rows(shown)))
    failed = sum(not one.passed for one in results)
    print(f"{len(results) - failed} work, {failed} do not, {took:.1f} s")
    return 1 if failed else 0


def _rows(results: Sequence[cell.Result]) -> list[str]:
    rows = [
        (one.cell.name, "works" if one.passed else "FAILS", one.said)
        for one in results
    ]
    return list(summary.table(("cell", "", "what came of it"), rows))
