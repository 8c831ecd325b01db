#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ``openstack steth`` costs an operator at the prompt.

Figures:

* ``client-agent-list-extra-seconds``: ``openstack steth agent list`` with
  three agents on the bus, less another command of OpenStackClient that needs
  no authentication (``openstack module list``); medians, measured in turn
* ``client-plugin-imports``: modules that ``steth.osc.plugin`` imports beyond
  osc-lib's own
"""

import statistics
import subprocess
import sys
import time

import figures

from steth.lab import lab as lab_module

RUNS = 9

_IMPORTED = """
import sys
import osc_lib.utils
before = set(sys.modules)
import steth.osc.plugin
print(*sorted(
    one for one in set(sys.modules) - before
    if one not in ("steth", "steth.osc", "steth.osc.plugin")
    and not one.startswith("osc_lib")
))
"""


def timed(lab: lab_module.Lab, *arguments: str) -> float:
    """Return the seconds that an ``openstack`` command takes."""
    started = time.monotonic()
    done = lab.openstack(*arguments)
    took = time.monotonic() - started
    if done.returncode:
        sys.exit(f"{arguments}: {done.stdout}{done.stderr}")
    return took


def main() -> int:
    """Run it all; return the exit code."""
    ours, others = [], []
    with figures.lab(3) as lab:
        timed(lab, "steth", "agent", "list")
        timed(lab, "module", "list")
        for _ in range(RUNS):
            others.append(timed(lab, "module", "list"))
            ours.append(timed(lab, "steth", "agent", "list"))
    figures.say(
        f"agent list {statistics.median(ours):.2f} s, "
        f"module list {statistics.median(others):.2f} s"
    )
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED],
        capture_output=True,
        text=True,
        check=True,
    )
    figures.say(f"imported by the plugin: {done.stdout.strip() or 'nothing'}")
    results = [
        figures.tell(
            "client-agent-list-extra-seconds",
            statistics.median(ours) - statistics.median(others),
            0.3,
        ),
        figures.tell("client-plugin-imports", len(done.stdout.split()), 0),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
