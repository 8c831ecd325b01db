# SPDX-License-Identifier: Apache-2.0
"""Faults of the switch: what it drops, splits and delays."""

from steth.lab import faults
from steth.lab.catalogue import steps

FAULTS = (
    faults.Fault(
        name="no-neighbour",
        summary="the switch drops all frames of and to the host",
        finding="underlay-no-neighbour",
        steps=(
            steps.switch(
                "forward", 'iifname "{port}" drop', 'oifname "{port}" drop'
            ),
        ),
    ),
    faults.Fault(
        name="one-way-loss",
        summary="the switch drops all frames from the host (to the peer)",
        finding="underlay-one-way",
        peer=faults.Peer.OPTIONAL,
        steps=(steps.switch("forward", 'iifname "{port}" {to_peer} drop'),),
    ),
    faults.Fault(
        name="one-way-filtered",
        summary="the switch drops IP packets, not ARP, from the host "
        "(to the peer)",
        finding="underlay-one-way",
        peer=faults.Peer.OPTIONAL,
        steps=(
            steps.switch(
                "forward",
                'iifname "{port}" {to_peer} ether type {{ ip, ip6 }} drop',
            ),
        ),
    ),
    faults.Fault(
        name="partial-loss",
        summary="the switch loses a share of the frames from the host",
        finding="underlay-partial-loss",
        value=faults.Value(default=10, least=1, most=99, meaning="percent"),
        steps=(
            steps.switch(
                "prerouting",
                'iifname "{port}" numgen random mod 100 < {value} drop',
            ),
        ),
    ),
    faults.Fault(
        name="split",
        summary="the hosts given are joined to each other, not to the rest",
        finding="underlay-split",
        scope=faults.Scope.GROUP,
        steps=(
            steps.ip(
                faults.Place.SWITCH,
                "link add {split} type bridge stp_state 0 forward_delay 0 "
                "mcast_snooping 0\nlink set {split} mtu {mtu} up",
                "link del {split}",
            ),
            steps.ip(
                faults.Place.GROUP,
                "link set {port} master {split}",
                "link set {port} master {network}",
            ),
        ),
    ),
    faults.Fault(
        name="latency",
        summary="frames from the host reach the network late",
        finding="underlay-latency",
        value=faults.Value(
            default=20, least=1, most=2000, meaning="milliseconds"
        ),
        steps=(
            steps.ip(
                faults.Place.SWITCH,
                "tuntap add dev {delayed} mode tap vnet_hdr\n"
                "link set {delayed} mtu {mtu} master {network} up\n"
                "link set {port} nomaster",
                "link set {port} master {network}\n"
                "tuntap del dev {delayed} mode tap",
            ),
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.DELAY,
                inject="{port} {delayed} {value}",
                heal="{port}",
            ),
        ),
    ),
)
