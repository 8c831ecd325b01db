#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an idle agent costs its host.

A lab of three hosts with a broker is left alone for a minute after one run
of ``check connectivity``, so that all parts of the agents have been at work.

Figures, of the agent that needs most, all its processes together:

* ``agent-resident-mb``: proportional set size (what is shared between its
  processes counts once), in 10^6 bytes
* ``agent-idle-core-percent``: processor time in percent of one core
"""

import os
import pathlib
import sys
import time

import figures
import psutil

from steth.lab import lab as lab_module
from steth.lab import layout

IDLE = 60.0


def processes(lab: lab_module.Lab, host: str) -> list[psutil.Process]:
    """Return the processes of a host's agent, seen from outside."""
    inside = os.readlink(f"/proc/{init_of(lab, host)}/ns/pid")
    found = []
    for one in psutil.process_iter():
        try:
            mine = os.readlink(f"/proc/{one.pid}/ns/pid") == inside
            if mine and "steth" in " ".join(one.cmdline()[1:3]):
                found.append(one)
        except (OSError, psutil.Error):
            continue
    return found


def init_of(lab: lab_module.Lab, host: str) -> int:
    """Return the process id of a host's PID 1."""
    for one in lab.status().hosts:
        if one.name == host and one.pid is not None:
            return one.pid
    sys.exit(f"{host} is not running")


def resident(process: psutil.Process) -> int:
    """Return the proportional set size in bytes, see proc(5)."""
    rollup = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def used(process: psutil.Process) -> float:
    """Return the processor time used so far, in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> int:
    """Run it all; return the exit code."""
    with figures.lab(3) as lab:
        done = lab.openstack("steth", "check", "connectivity")
        if done.returncode:
            sys.exit(f"the lab is not well: {done.stdout}{done.stderr}")
        agents = {
            one.name: processes(lab, one.name)
            for one in layout.computes(layout.Shape(hosts=3))
        }
        before = {host: sum(map(used, all_)) for host, all_ in agents.items()}
        started = time.monotonic()
        time.sleep(IDLE)
        took = time.monotonic() - started
        idle = {
            host: 100 * (sum(map(used, all_)) - before[host]) / took
            for host, all_ in agents.items()
        }
        size = {
            host: sum(map(resident, all_)) / 1e6
            for host, all_ in agents.items()
        }
        for host, all_ in agents.items():
            figures.say(
                f"{host}: {len(all_)} processes, "
                f"{[round(x.memory_info().rss / 1e6, 1) for x in all_]} MB "
                f"RSS each, {size[host]:.1f} MB PSS, {idle[host]:.2f} %"
            )
    results = [
        figures.tell("agent-resident-mb", max(size.values()), 90.0),
        figures.tell("agent-idle-core-percent", max(idle.values()), 0.5),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
