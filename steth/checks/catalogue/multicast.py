# SPDX-License-Identifier: Apache-2.0
"""Findings about multicast between the hosts."""

from steth.checks.catalogue import entry
from steth.model import finding

UNDERLAY_MULTICAST_BLOCKED = entry.Entry(
    code="underlay-multicast-blocked",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Multicast does not pass from, to, or from and to a host, or between "
        "two of them, while ping does and the others hear each other."
    ),
    proof=(
        "All hosts joined a group of the run, as a program does, and sent to "
        "it, in two passes. The interfaces concerned did not get the "
        "messages."
    ),
    remedy=(
        "Check the switch port of the host: multicast filters, storm "
        "control, IGMP or MLD snooping (does it see the host's reports?), "
        "the VLAN's settings."
    ),
)
UNDERLAY_MULTICAST_SPLIT = entry.Entry(
    code="underlay-multicast-split",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Multicast passes within groups of hosts, not between them, while "
        "ping does."
    ),
    proof=(
        "All hosts joined a group of the run and sent to it, in two passes; "
        "each heard those of its own part only."
    ),
    remedy=(
        "Look at IGMP or MLD snooping between the switches of the parts: "
        "without a querier, or a multicast router port, a switch does not "
        "pass on what its neighbour's hosts have joined."
    ),
)
UNDERLAY_MULTICAST_SILENT = entry.Entry(
    code="underlay-multicast-silent",
    severity=finding.Severity.WARNING,
    meaning=(
        "No multicast passes between any hosts of a network, or of a subnet "
        "of it where racks are routed, while ping does. It may be meant so; "
        "VRRP, Corosync, VXLAN with multicast groups and the like do not "
        "work there."
    ),
    proof=(
        "All hosts joined a group of the run and sent to it, in two passes, "
        "and no interface got any message of another. That the switch needs "
        "a querier cannot be seen in so short a time: what snooping without "
        "one breaks, it breaks some minutes after a group was joined."
    ),
    remedy=(
        "Where something needs multicast there, look at the switch's "
        "multicast filters and at IGMP or MLD snooping and its querier."
    ),
)
HOST_MULTICAST_FILTERED = entry.Entry(
    code="host-multicast-filtered",
    severity=finding.Severity.WARNING,
    meaning=(
        "Messages to a multicast group reach the host's interface, and no "
        "program that joined the group gets them."
    ),
    proof=(
        "A packet socket on the interface saw the messages; the socket that "
        "had joined their group got none."
    ),
    remedy=(
        "Look at the host's packet filter, and at rp_filter. Where it only "
        "lets pass what is needed, allow UDP port 9699 to 239.255.0.0/16 and "
        "ff15::/16 from the network to have it tried."
    ),
)
