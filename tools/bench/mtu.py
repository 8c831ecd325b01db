#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``check mtu`` between 50 hosts against ``check connectivity`` on the same.

Both begin with the same packets, 5 small ones and 5 of the network's full
MTU from each host to each other one, and are run in turn.

Figures, each a ratio of times less 1.5 s for the client's own start:

* ``mtu-time-ratio``: on a healthy network, where every pair takes what is
  needed
* ``mtu-fault-time-ratio``: with a switch port that lets only smaller packets
  through, where both look closer and ``check mtu`` also finds the size
"""

import json
import statistics
import sys
import time
from typing import Any

import figures

from steth.lab import lab as lab_module
from steth.lab import layout

HOSTS = 50
ROUNDS = 3
NETWORK = layout.TUNNEL
HOST = "compute7"
LIMIT = 8123
CLIENT_START = 1.5


def check(lab: lab_module.Lab, name: str) -> tuple[float, dict[str, Any]]:
    """Run a check; return the seconds it takes, and its report."""
    started = time.monotonic()
    done = lab.openstack(
        "steth", "check", name, "--network", NETWORK.name, "-f", "json"
    )
    took = time.monotonic() - started
    figures.say(f"{name}: {took:.2f} s, exit code {done.returncode}")
    if not done.stdout:
        sys.exit(f"{name} has no report: {done.stderr}")
    return took, json.loads(done.stdout)


def compared(lab: lab_module.Lab, codes: list[str], smallest: int) -> float:
    """Return the ratio of times; end when a check tells something else."""
    took: dict[str, list[float]] = {"connectivity": [], "mtu": []}
    for _ in range(ROUNDS):
        for name, times in took.items():
            seconds, told = check(lab, name)
            times.append(seconds - CLIENT_START)
            found = [one["code"] for one in told["findings"]]
            row = told["checks"][0]["measurements"]["networks"][0]
            if found != codes or row.get("smallest", smallest) != smallest:
                sys.exit(f"{name} tells {found} and {row}: no figures")
    return statistics.median(took["mtu"]) / statistics.median(
        took["connectivity"]
    )


def main() -> int:
    """Run it all; return the exit code."""
    with figures.lab(HOSTS) as lab:
        check(lab, "connectivity")
        healthy = compared(lab, [], NETWORK.mtu)
        lab.fault("mtu-path", hosts=[HOST], network=NETWORK.name, value=LIMIT)
        faulty = compared(lab, ["underlay-mtu-black-hole"], LIMIT)
    results = [
        figures.tell("mtu-time-ratio", healthy, 3.0),
        figures.tell("mtu-fault-time-ratio", faulty, 3.0),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
