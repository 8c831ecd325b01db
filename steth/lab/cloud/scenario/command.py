# SPDX-License-Identifier: Apache-2.0
"""The command ``cloud scenario``."""

import argparse
import sys
import time

from steth.lab.cloud import actions
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud.instance import machine as machine_module
from steth.lab.cloud.scenario import build
from steth.lab.cloud.scenario import summary


def add_commands(add: actions.Add) -> None:
    """Add the command."""
    add(
        "scenario",
        "make networks, a router and instances, or what is missing of them",
        _scenario,
    )


def _scenario(cloud: cloud_module.Cloud, parsed: argparse.Namespace) -> int:
    began = time.monotonic()
    with cloud.changing():
        inventory = build.build(
            cloud, lambda text: print(text, file=sys.stderr, flush=True)
        )
    running = list(machine_module.running(cloud.directory))
    print("\n".join(summary.scenario(inventory, running)))
    print(f"made, {time.monotonic() - began:.1f} s")
    return 0
