#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``check connectivity`` between 50 hosts against fping on the same hosts.

Both send the same packets at the same pace, in turn: 5 of 64 bytes and 5 of
the network's full MTU from each host to each other one, 0.2 s apart, with
one second for the last answers. fping, which knows one size a process, runs
twice on each host at the same time.

Figures:

* ``mesh-time-ratio``: time of the check, less 1.5 s for the client's own
  start, over the time that all fping processes together take
* ``mesh-messages-per-host``: RPC messages that one more host costs, from the
  broker's own counters with 10 and with 50 hosts; a full mesh by pairs would
  cost about 100
"""

import re
import statistics
import subprocess
import sys
import time

import figures

from steth.lab import broker
from steth.lab import lab as lab_module
from steth.lab import layout

HOSTS = 50
FEW = 10
ROUNDS = 3
COUNT = 5
NETWORK = layout.TUNNEL
#: Bytes of IPv4 and ICMP header that fping adds to what it is told.
HEADERS = 28


def fping(lab: lab_module.Lab, hosts: list[layout.Host]) -> float:
    """Return the seconds that all hosts together need with fping."""
    commands = []
    for host in hosts:
        others = [
            one.address(NETWORK) for one in hosts if one.name != host.name
        ]
        pace = max(1, 200 // len(others))
        for size in (64, NETWORK.mtu):
            commands.append(
                lab.command(
                    host.name,
                    [
                        "fping", "-q", "-M",
                        "-c", str(COUNT),
                        "-p", "200",
                        "-i", str(pace),
                        "-t", "1000",
                        "-b", str(size - HEADERS),
                        *others,
                    ],
                )
            )  # fmt: skip
    started = time.monotonic()
    running = [
        subprocess.Popen(
            one,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for one in commands
    ]
    codes = {one.wait(timeout=120) for one in running}
    took = time.monotonic() - started
    figures.say(f"fping: {took:.2f} s, exit codes {sorted(codes)}")
    return took


def check(lab: lab_module.Lab, hosts: list[layout.Host]) -> float:
    """Return the seconds that ``check connectivity`` takes."""
    chosen = [f"--host={one.name}" for one in hosts]
    if len(hosts) == HOSTS:
        chosen = []
    started = time.monotonic()
    done = lab.openstack(
        "steth", "check", "connectivity",
        "--network", NETWORK.name,
        "--count", str(COUNT),
        *chosen,
    )  # fmt: skip
    took = time.monotonic() - started
    figures.say(f"check: {took:.2f} s\n{done.stdout}{done.stderr}")
    if done.returncode:
        sys.exit("the lab is not well: no figures")
    return took


def messages(lab: lab_module.Lab) -> int:
    """Return how many messages the broker has taken so far."""
    done = lab.exec(
        layout.CONTROLLER,
        [
            "runuser", "-u", "rabbitmq", "--",
            "env", f"HOME={broker.DIRECTORY}",
            "rabbitmqctl", "-q", "-n", broker.NODE,
            "eval", "rabbit_global_counters:overview().",
        ],
    )  # fmt: skip
    found = re.search(
        r"\[\{protocol,amqp091\}\] =>[^}]*"
        r"messages_received_total => (\d+)",
        done.stdout,
    )
    if not found:
        sys.exit(f"the broker does not tell: {done.stdout}{done.stderr}")
    return int(found.group(1))


def messages_of(lab: lab_module.Lab, hosts: list[layout.Host]) -> int:
    """Return how many messages one run between these hosts costs."""
    before = messages(lab)
    check(lab, hosts)
    return messages(lab) - before


def main() -> int:
    """Run it all; return the exit code."""
    with figures.lab(HOSTS) as lab:
        hosts = list(layout.computes(layout.Shape(hosts=HOSTS)))
        check(lab, hosts)
        checked, pinged = [], []
        for _ in range(ROUNDS):
            pinged.append(fping(lab, hosts))
            checked.append(check(lab, hosts))
        few = messages_of(lab, hosts[:FEW])
        many = messages_of(lab, hosts)
    ratio = (statistics.median(checked) - 1.5) / statistics.median(pinged)
    results = [
        figures.tell("mesh-time-ratio", ratio, 1.5),
        figures.tell(
            "mesh-messages-per-host", (many - few) / (HOSTS - FEW), 6.0
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
