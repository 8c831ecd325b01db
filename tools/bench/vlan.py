#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``check vlan`` over all 4,094 VLANs between 8 hosts against VLAN interfaces.

The other way is that of the hand: for one VLAN and pair of hosts, a VLAN
interface with an address on both, one ping, and both removed. It is measured
for some VLANs and one pair, and multiplied. Both hosts work at the same time.

Where the kernel has no 8021q, as in many containers, a tagged internal port
of an Open vSwitch in each host stands in for the VLAN interface; the output
says which of both it was.

Figures:

* ``vlan-seconds``: the whole command, median of three
* ``vlan-frames-lost``: frames that the agents' listeners lost, in all runs
* ``vlan-speed-ratio``: time of the other way over that of the command
"""

import json
import statistics
import subprocess
import sys
import time

import figures

from steth.lab import lab as lab_module
from steth.lab import layout

HOSTS = 8
VLANS = 4094
RUNS = 3
SAMPLE = range(101, 121)
PAIR = ("compute1", "compute2")

_START_OVS = f"""
mkdir -p /run/openvswitch
ovsdb-tool create /run/openvswitch/conf.db \
    /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server /run/openvswitch/conf.db --detach --no-chdir \
    --remote=punix:/run/openvswitch/db.sock --pidfile
ovs-vsctl --no-wait init
ovs-vswitchd --detach --pidfile
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev \
    -- add-port br0 {layout.TRUNK_NIC}
"""
_KERNEL = (
    f"ip link add link {layout.TRUNK_NIC} name v{{0}} type vlan id {{0}}; "
    "ip address add 10.99.0.{1}/24 dev v{0}; ip link set v{0} up",
    "ip link del v{0}",
)
_OVS = (
    "ovs-vsctl add-port br0 v{0} tag={0} -- set interface v{0} "
    "type=internal; ip address add 10.99.0.{1}/24 dev v{0}; "
    "ip link set v{0} up; ethtool -K v{0} tx off >/dev/null",
    "ovs-vsctl del-port br0 v{0}",
)


def on_both(lab: lab_module.Lab, script: str, vlan: int) -> None:
    """Run a script on both hosts at once."""
    running = [
        subprocess.Popen(
            lab.command(host, ["sh", "-ec", script.format(vlan, number)]),
            stdin=subprocess.DEVNULL,
        )
        for number, host in enumerate(PAIR, start=1)
    ]
    if any(one.wait(timeout=60) for one in running):
        sys.exit("the VLAN interfaces cannot be made: no figures")


def by_hand(lab: lab_module.Lab) -> float:
    """Return the seconds that one VLAN and pair takes by hand."""
    made = lab.exec(PAIR[0], ["sh", "-ec", _KERNEL[0].format(1, 1)])
    if made.returncode == 0:
        lab.exec(PAIR[0], ["sh", "-ec", _KERNEL[1].format(1)])
        make, remove = _KERNEL
        figures.say("by hand: VLAN interfaces of the kernel")
    else:
        make, remove = _OVS
        figures.say(
            "by hand: tagged Open vSwitch internal ports, since the kernel "
            "has no 8021q"
        )
        for host in PAIR:
            done = lab.exec(host, ["sh", "-ec", _START_OVS])
            if done.returncode:
                sys.exit(f"no Open vSwitch on {host}: {done.stderr}")
    ping = lab.command(
        PAIR[0], ["ping", "-q", "-c", "1", "-W", "2", "10.99.0.2"]
    )
    times = []
    for vlan in SAMPLE:
        started = time.monotonic()
        on_both(lab, make, vlan)
        subprocess.run(
            ping, stdin=subprocess.DEVNULL, capture_output=True, check=True
        )
        on_both(lab, remove, vlan)
        times.append(time.monotonic() - started)
    return statistics.median(times)


def check(lab: lab_module.Lab) -> tuple[float, int]:
    """Return the seconds that the command takes, and frames lost."""
    started = time.monotonic()
    done = lab.openstack(
        "steth", "check", "vlan", "--vlans", f"1-{VLANS}", "-f", "json"
    )
    took = time.monotonic() - started
    told = json.loads(done.stdout) if done.stdout else {}
    if done.returncode:
        sys.exit(f"the lab is not well: {done.stdout}{done.stderr}")
    rows = told["checks"][0]["measurements"]["trunks"]
    lost = sum(row["frames_lost"] for row in rows)
    heard = sum(row["frames_heard"] for row in rows)
    figures.say(f"check: {took:.2f} s, {heard} frames heard, {lost} lost")
    return took, lost


def main() -> int:
    """Run it all; return the exit code."""
    with figures.lab(HOSTS, trunk=True) as lab:
        runs = [check(lab) for _ in range(RUNS)]
        one = by_hand(lab)
    took = statistics.median(seconds for seconds, _ in runs)
    pairs = HOSTS * (HOSTS - 1) // 2
    figures.say(
        f"by hand: {one:.3f} s for one VLAN and pair, {len(SAMPLE)} measured; "
        f"{VLANS} VLANs and {pairs} pairs would take {one * VLANS * pairs:.0f}"
        f" s"
    )
    results = [
        figures.tell("vlan-seconds", took, 15.0),
        figures.tell("vlan-frames-lost", sum(lost for _, lost in runs), 0),
        figures.tell_at_least(
            "vlan-speed-ratio", one * VLANS * pairs / took, 500.0
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
