# SPDX-License-Identifier: Apache-2.0
"""Findings about VLANs on trunks."""

from steth.checks.catalogue import entry
from steth.model import finding

UNDERLAY_VLAN_MISSING = entry.Entry(
    code="underlay-vlan-missing",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "VLANs that should be trunked to a host are not: frames on them "
        "neither reach it nor leave from it. Without a host, they reach "
        "none at all, or there are only two, and it is one of both ports."
    ),
    proof=(
        "Every host sent marked frames on every VLAN while all listened. On "
        "these VLANs the others heard each other, and none heard the host "
        "or was heard by it. A switch that only this host is plugged in "
        "would look the same if its uplink lacked the VLANs."
    ),
    remedy=(
        "Allow the VLANs on the switch port of the host (and create them on "
        "the switch), or take them out of what is expected."
    ),
)
UNDERLAY_VLAN_SPLIT = entry.Entry(
    code="underlay-vlan-split",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "On some VLANs the hosts fall into groups: each hears itself, none "
        "hears another group. Other VLANs join them."
    ),
    proof=(
        "Marked frames on these VLANs were heard within each group, in two "
        "passes, and never between hosts of different groups."
    ),
    remedy=(
        "Allow the VLANs on the trunk between the switches that the groups "
        "are plugged in, on both of its ends."
    ),
)
UNDERLAY_VLAN_NATIVE = entry.Entry(
    code="underlay-vlan-native",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Frames change their VLAN on the way: a tag arrives as another one "
        "or as none, or frames without a tag arrive with one. The native "
        "VLANs of switch ports differ, or an expected VLAN is native."
    ),
    proof=(
        "Each marked frame says on which VLAN it was sent; the listener "
        "read another one from the tag that it arrived with."
    ),
    remedy=(
        "Give the ports of all hosts, and both ends of the trunks between "
        "switches, the same native VLAN, and none that is expected tagged."
    ),
)
UNDERLAY_VLAN_ONE_WAY = entry.Entry(
    code="underlay-vlan-one-way",
    severity=finding.Severity.CRITICAL,
    meaning="Frames on a VLAN pass between hosts in one direction only.",
    proof=(
        "Marked frames on the VLAN were heard in the one direction, and not "
        "in the other, in two passes."
    ),
    remedy=(
        "Look for access lists and VLAN filters on the switch ports that "
        "work in one direction, and for storm control."
    ),
)
UNDERLAY_VLAN_LOOP = entry.Entry(
    code="underlay-vlan-loop",
    severity=finding.Severity.CRITICAL,
    meaning="A host's own broadcast frames come back to it.",
    proof="The host heard marked frames that it had sent itself.",
    remedy=(
        "Look for a loop: two cables to one switch without a bond, a bond "
        "that the switch does not know of, a bridge with two uplinks, a "
        "port that reflects; and whether spanning tree is on."
    ),
)
AGENT_FRAMES_LOST = entry.Entry(
    code="agent-frames-lost",
    severity=finding.Severity.WARNING,
    meaning=(
        "An agent could not keep up with the frames that arrived, so that "
        "it cannot be told which of them were missing."
    ),
    proof="The kernel's own count of what the agent's ring had no room for.",
    remedy="Run the check again when the host is less busy.",
)
