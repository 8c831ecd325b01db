#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``check bandwidth`` between two hosts against plain iperf3 on the same two.

Both send with one TCP connection for the same time between the same network
namespaces, in turn: first from the one host to the other, then back. What
the check reports is compared with what iperf3 itself says, direction by
direction, and the median over all rounds counts.

Figure:

* ``bandwidth-shortfall``: by how much the throughput that the check reaches
  stays below that of plain iperf3, as a share of the latter; 0 when it does
  not, 0.05 stands for 95 percent
"""

import json
import statistics
import subprocess
import sys

import figures

from steth.lab import deadline
from steth.lab import lab as lab_module
from steth.lab import layout

ROUNDS = 7
SECONDS = 3
NETWORK = layout.TUNNEL
_PORT = "5199"


def iperf3(
    lab: lab_module.Lab, source: layout.Host, target: layout.Host
) -> float:
    """Return what plain iperf3 reaches, in Mbit/s."""
    with subprocess.Popen(
        lab.command(
            target.name,
            [
                *("iperf3", "-s", "-1", "-p", _PORT),
                *("-B", target.address(NETWORK)),
            ],
        ),
        stdout=subprocess.DEVNULL,
    ):
        listening = deadline.until(
            lambda: bool(
                lab.exec(target.name, ["ss", "-Hltn", f"sport = :{_PORT}"])
                .stdout.strip()
            ),
            10.0,
        )  # fmt: skip
        if not listening:
            sys.exit("iperf3 does not listen")
        done = lab.exec(
            source.name,
            [
                *("iperf3", "-J", "-p", _PORT, "-t", str(SECONDS)),
                *("-c", target.address(NETWORK)),
                *("-B", source.address(NETWORK)),
            ],
        )
    told = json.loads(done.stdout)
    return float(told["end"]["sum_received"]["bits_per_second"]) / 1e6


def check(lab: lab_module.Lab) -> dict[str, float]:
    """Return what the check reaches, in Mbit/s, by sender."""
    done = lab.openstack(
        *("steth", "check", "bandwidth", "-f", "json"),
        *("--network", NETWORK.name, "--duration", str(SECONDS)),
    )
    if done.returncode:
        sys.exit(f"the lab is not well: {done.stdout}{done.stderr}")
    (row,) = json.loads(done.stdout)["checks"][0]["measurements"]["networks"]
    return {test["source"]: test["mbits"] for test in row["tests"]}


def main() -> int:
    """Run it all; return the exit code."""
    plain: list[float] = []
    checked: list[float] = []
    with figures.lab(2) as lab:
        one, other = layout.computes(layout.Shape(hosts=2))
        check(lab)
        for number in range(1, ROUNDS + 1):
            there = iperf3(lab, one, other)
            found = check(lab)
            back = iperf3(lab, other, one)
            plain += [there, back]
            checked += [found[one.name], found[other.name]]
            figures.say(
                f"round {number}: iperf3 {there:.0f} and {back:.0f} Mbit/s, "
                f"check {found[one.name]:.0f} and {found[other.name]:.0f}"
            )
    reached = statistics.median(checked) / statistics.median(plain)
    figures.say(f"the check reaches {100 * reached:.1f} % of plain iperf3")
    ok = figures.tell("bandwidth-shortfall", max(0.0, 1.0 - reached), 0.05)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
