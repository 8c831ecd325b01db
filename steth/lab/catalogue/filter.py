# SPDX-License-Identifier: Apache-2.0
"""Faults of packet filters, on the hosts and on the way."""

from steth.lab import faults
from steth.lab.catalogue import steps

FAULTS = (
    faults.Fault(
        name="filtered",
        summary="the host's firewall drops ICMP that comes in",
        finding="host-filtered",
        steps=(
            steps.firewall("input", f'iifname "{{nic}}" {steps.ICMP} drop'),
        ),
    ),
    faults.Fault(
        name="filtered-pair",
        summary="the host's firewall drops ICMP that comes from the peer",
        finding="host-filtered",
        peer=faults.Peer.REQUIRED,
        steps=(
            steps.firewall(
                "input",
                'iifname "{nic}" ip saddr {peer_address} '
                + steps.ICMP
                + " drop",
            ),
        ),
    ),
    faults.Fault(
        name="rejected",
        summary="the host's firewall refuses ICMP echo and says so",
        finding="host-filtered",
        steps=(
            steps.firewall(
                "input",
                'iifname "{nic}" icmp type echo-request '
                "reject with icmp type admin-prohibited",
            ),
        ),
    ),
    faults.Fault(
        name="echo-ignored",
        summary="the host's kernel is set to answer no echo requests",
        finding="host-echo-ignored",
        scope=faults.Scope.HOST,
        steps=(
            faults.Step(
                place=faults.Place.HOST,
                tool=faults.Tool.SYSCTL,
                inject="net.ipv4.icmp_echo_ignore_all = 1",
                heal="net.ipv4.icmp_echo_ignore_all = 0",
            ),
        ),
    ),
    faults.Fault(
        name="output-filtered",
        summary="the host's firewall drops ICMP that goes out",
        finding="host-cannot-send",
        steps=(
            steps.firewall("output", f'oifname "{{nic}}" {steps.ICMP} drop'),
        ),
    ),
    faults.Fault(
        name="network-filtered",
        summary="the switch drops the host's IP packets, not its ARP",
        finding="underlay-filtered",
        steps=(
            steps.switch(
                "forward",
                'iifname "{port}" ether type {{ ip, ip6 }} drop',
                'oifname "{port}" ether type {{ ip, ip6 }} drop',
            ),
        ),
    ),
)
