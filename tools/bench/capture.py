#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``openstack steth capture`` against plain tcpdump beside it.

One host sends 50,000 marked packets a second for 10 s; on the other host both
capture them on the same interface at the same time, with the same filter and
the same buffer in the kernel.

Figures:

* ``capture-lost-beyond-tcpdump``: packets that the capture lost and tcpdump
  did not, in all rounds
* ``capture-lost-in-silence``: packets that tcpdump has and the capture neither
  has nor says that it lost
* ``capture-seconds-after``: how long the command takes from the end of what
  it was asked to capture until the merged file is there; median
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import figures

from steth.lab import deadline
from steth.lab import lab as lab_module
from steth.lab import layout

ROUNDS = 3
RATE = 50_000
SECONDS = 10
#: The capture has to begin before and to end after.
MARGIN = 6
SENDER, HOST = "compute1", "compute2"
NIC = layout.TUNNEL.nic
ETHERTYPE = 0x88B5
FILTER = f"ether proto {ETHERTYPE:#x}"
_FILE = "/run/steth/bench.pcap"

#: Sends bursts, each when it is due, and tells how long it took.
_SEND = f"""
import socket, time
frame = bytes.fromhex("ff" * 6 + "02" * 6 + "{ETHERTYPE:04x}") + bytes(86)
burst = {RATE} // 1000
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
    sock.bind(("{NIC}", 0))
    began = time.monotonic()
    for number in range({SECONDS} * 1000):
        due = began + number / 1000
        # The pace of the bursts.
        while (left := due - time.monotonic()) > 0:
            time.sleep(left)
        for _ in range(burst):
            sock.send(frame)
print(time.monotonic() - began)
"""


def listeners(lab: lab_module.Lab) -> int:
    """Return how many capture on the host.

    Those whose filter is attached: libpcap does that last. A socket is bound
    before it has its ring, and loses what comes until then.
    """
    done = lab.exec(HOST, ["ss", "-H0nb"])
    return sum(f" {ETHERTYPE}," in one for one in done.stdout.splitlines())


def measure(
    lab: lab_module.Lab, path: pathlib.Path
) -> tuple[int, int, int, float]:
    """Send once, and have both capture it.

    :returns: packets that tcpdump has, that the capture has, that it says it
        lost, and the seconds that the command took beyond its duration
    """
    duration = SECONDS + 2 * MARGIN
    plain = subprocess.Popen(
        lab.command(
            HOST,
            [
                *("tcpdump", "-i", NIC, "-n", "-w", _FILE, "-B", "65536"),
                *("-Z", "root", "--", FILTER),
            ],
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    program = pathlib.Path(sys.executable).with_name("openstack")
    ours = subprocess.Popen(
        lab.command(
            layout.CONTROLLER,
            [
                *(str(program), "steth", "capture", f"{HOST}:{NIC}"),
                *("--filter", FILTER, "--duration", str(duration)),
                *("--size", "512", "--write", str(path), "-f", "json"),
            ],
        ),
        stdout=subprocess.PIPE,
        text=True,
    )
    if not deadline.until(lambda: listeners(lab) == 2, 30.0):
        sys.exit("tcpdump does not listen: no figures")
    began = time.monotonic()
    sent = lab.exec(SENDER, [sys.executable, "-c", _SEND])
    if sent.returncode:
        sys.exit(f"nothing was sent: {sent.stderr}")
    out, _ = ours.communicate(timeout=120)
    after = time.monotonic() - began - duration
    lab.exec(HOST, ["sh", "-c", "kill -INT $(pidof tcpdump)"])
    said = plain.communicate(timeout=30)[1]
    (row,) = json.loads(out)
    packets = SECONDS * RATE
    theirs = next(
        int(line.split()[0])
        for line in said.splitlines()
        if "captured" in line
    )
    told = row["Lost Kernel"] + row["Lost Bound"] + row["Lost Interface"]
    figures.say(
        f"{packets} packets in {float(sent.stdout):.2f} s: tcpdump has "
        f"{theirs}, the capture {row['Packets']}; it says that the kernel "
        f"dropped {row['Lost Kernel']}, and that {row['Lost Bound']} came "
        "beyond a bound"
    )
    return theirs, row["Packets"], told, after


def main() -> int:
    """Run it all; return the exit code."""
    with (
        figures.lab(2) as lab,
        tempfile.TemporaryDirectory(prefix="steth-bench-") as directory,
    ):
        path = pathlib.Path(directory) / "bench.pcapng"
        rounds = [measure(lab, path) for _ in range(ROUNDS)]
    beyond = sum(max(0, plain - ours) for plain, ours, _, _ in rounds)
    silent = sum(
        max(0, plain - ours - told) for plain, ours, told, _ in rounds
    )
    results = [
        figures.tell("capture-lost-beyond-tcpdump", beyond, 0),
        figures.tell("capture-lost-in-silence", silent, 0),
        figures.tell(
            "capture-seconds-after",
            statistics.median(after for *_, after in rounds),
            10.0,
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
