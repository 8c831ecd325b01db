# SPDX-License-Identifier: Apache-2.0
"""Findings about how much passes."""

from steth.checks.catalogue import entry
from steth.model import finding

UNDERLAY_BANDWIDTH_HOST = entry.Entry(
    code="underlay-bandwidth-host",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "One host is slow with every other one: it sends, receives or both "
        "at less than the network's configured minimum_bandwidth. Where "
        "none is configured, half of the speed of the NICs, or a quarter of "
        "what passes between the other hosts, is taken for it, and this is "
        "a warning."
    ),
    proof=(
        "iperf3 with several other hosts, of which two were tested again "
        "while nothing else was; the better figure counts. The evidence "
        "says so when the host's link was negotiated slower than others'."
    ),
    remedy=(
        "Look at the speed and duplex that the NIC negotiated (ethtool), its "
        "error counters, the cable, the transceiver, rate limits on the "
        "switch port, and what else uses the link."
    ),
)
UNDERLAY_BANDWIDTH_PAIR = entry.Entry(
    code="underlay-bandwidth-pair",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Less than what has to pass does so between some hosts which are "
        "fast enough with others: the path between them is slow."
    ),
    proof=(
        "iperf3 between these hosts, again while nothing else was tested, "
        "against the tests of the same hosts with others."
    ),
    remedy=(
        "Look at what these pairs have in common: a link between switches, "
        "one member of a link aggregation, a router or firewall."
    ),
)
UNDERLAY_BANDWIDTH_NETWORK = entry.Entry(
    code="underlay-bandwidth-network",
    severity=finding.Severity.CRITICAL,
    meaning="Less than what has to pass does so between any two hosts.",
    proof="iperf3 between all pairs of hosts that were tested.",
    remedy=(
        "Check what all hosts have in common: the speed of the switch's "
        "ports, its load, and whether minimum_bandwidth in the network's "
        "section is what the hardware can do."
    ),
)
UNDERLAY_BANDWIDTH_OVERSUBSCRIBED = entry.Entry(
    code="underlay-bandwidth-oversubscribed",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Pairs of hosts reach what has to pass alone, but not when all "
        "hosts send at once: the links between the switches carry less than "
        "the hosts together can send."
    ),
    proof=(
        "iperf3 with every host sending to one and hearing from another at "
        "the same time, and between the same hosts alone."
    ),
    remedy=(
        "Add uplinks between the switches, spread the hosts, or take a "
        "minimum_bandwidth that holds for one pair at a time."
    ),
)
