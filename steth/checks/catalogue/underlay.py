# SPDX-License-Identifier: Apache-2.0
"""Findings between the hosts."""

from steth.checks.catalogue import entry
from steth.model import finding

UNDERLAY_NO_CARRIER = entry.Entry(
    code="underlay-no-carrier",
    severity=finding.Severity.CRITICAL,
    meaning="The interface of a network is up but has no carrier.",
    proof=(
        "The link's carrier as the driver reports it is off. Where no network "
        "is configured and the interface has lost its address with the "
        "carrier, it is a warning, given if all other hosts with an interface "
        "of its name are on the network: it may be unplugged on purpose."
    ),
    remedy="Check the cable, the transceiver and the switch port.",
)
UNDERLAY_ADDRESS_DUPLICATE = entry.Entry(
    code="underlay-address-duplicate",
    severity=finding.Severity.CRITICAL,
    meaning="Two machines on one network have the same address.",
    proof=(
        "The address is configured on two hosts; or a host's kernel has "
        "detected the duplicate and does not use it; or its owner and a MAC "
        "address that it does not have both answer for it, by ARP or "
        "neighbour discovery; or echo requests to it are answered which "
        "never reached its owner."
    ),
    remedy="Give one of the two another address.",
)
UNDERLAY_NO_NEIGHBOUR = entry.Entry(
    code="underlay-no-neighbour",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A host hears no other host of a network and is heard by none, not "
        "even on layer 2, although its interface is up and has carrier."
    ),
    proof=(
        "No frame that left the host's interface, ARP included, arrived at "
        "any other host, and none of theirs arrived there."
    ),
    remedy=(
        "Check the switch port: its VLAN, port security, spanning tree "
        "state; and whether the cable is in the right port."
    ),
)
UNDERLAY_FILTERED = entry.Entry(
    code="underlay-filtered",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Layer 2 works, but IP packets between hosts are dropped in between, "
        "outside of the hosts."
    ),
    proof=(
        "Neighbours resolve each other's addresses, echo requests leave one "
        "host's interface, and none arrives at the other's."
    ),
    remedy="Look for access lists and firewalls between the two.",
)
UNDERLAY_ONE_WAY = entry.Entry(
    code="underlay-one-way",
    severity=finding.Severity.CRITICAL,
    meaning="Frames pass between hosts in one direction only.",
    proof=(
        "What left one host's interface did not arrive at the other's, while "
        "the other's frames did arrive at the first."
    ),
    remedy=(
        "Check the transceiver and fibre (one of a pair), the switch port's "
        "error counters, access lists for one direction, and MAC tables."
    ),
)
UNDERLAY_PARTIAL_LOSS = entry.Entry(
    code="underlay-partial-loss",
    severity=finding.Severity.CRITICAL,
    meaning="Part of the packets is lost between hosts.",
    proof=(
        "Packets counted where they left one host's interface and where they "
        "should have arrived, over enough of them to tell it from chance."
    ),
    remedy=(
        "Look at error and drop counters of the NIC and the switch port, at "
        "the cable, and for a duplex or speed mismatch or congestion."
    ),
)
UNDERLAY_SPLIT = entry.Entry(
    code="underlay-split",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A network is split into groups of hosts: each talks within, none "
        "with another group."
    ),
    proof="No frame passed between any two hosts of different groups.",
    remedy=(
        "Check the link between the switches that the groups are on, and "
        "that the VLAN is allowed on it."
    ),
)
UNDERLAY_UNREACHABLE = entry.Entry(
    code="underlay-unreachable",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Hosts cannot reach each other, and what could be seen does not "
        "tell where the packets are lost."
    ),
    proof="Echo requests were not answered, in two rounds.",
    remedy=(
        "Look at the evidence; where an agent could not watch, repair that "
        "and run the check again."
    ),
)
UNDERLAY_LATENCY = entry.Entry(
    code="underlay-latency",
    severity=finding.Severity.WARNING,
    meaning=(
        "The round trip between hosts takes far longer than between the "
        "others of the network."
    ),
    proof=(
        "The smallest round trip time of several, so that a single delay "
        "does not count, against the median of the network."
    ),
    remedy=(
        "Look for a detour, a congested or wrongly negotiated link, or an "
        "overloaded host."
    ),
)
UNDERLAY_ERRORS_GROW = entry.Entry(
    code="underlay-errors-grow",
    severity=finding.Severity.WARNING,
    meaning="An interface counts errors, and more of them all the time.",
    proof=(
        "Its counters of receive errors, transmit errors or collisions, read "
        "twice: at least three more, and one in two seconds. Frames that "
        "nobody on the host wants are no errors and do not count."
    ),
    remedy=(
        "Check the cable, the transceiver and the switch port's own "
        "counters; 'ethtool -S' tells the kinds of errors."
    ),
)
UNDERLAY_CARRIER_UNSTABLE = entry.Entry(
    code="underlay-carrier-unstable",
    severity=finding.Severity.WARNING,
    meaning="The carrier of an interface comes and goes.",
    proof="The kernel's count of its changes grew during the run.",
    remedy="Check the cable, the transceiver and the switch port.",
)
UNDERLAY_SPEED_LOW = entry.Entry(
    code="underlay-speed-low",
    severity=finding.Severity.WARNING,
    meaning="An interface is slower than those of the network's other hosts.",
    proof=(
        "The speed that the link negotiated, against that of most hosts of "
        "its kind on the network: those with the same networks, the same "
        "agents of Neutron, and NICs of the same names. Several slow hosts "
        "are taken for another kind of machine and not told of."
    ),
    remedy=(
        "Check the cable and the transceiver, and that both ends negotiate "
        "('ethtool' tells what each of them offers)."
    ),
)
UNDERLAY_HALF_DUPLEX = entry.Entry(
    code="underlay-half-duplex",
    severity=finding.Severity.WARNING,
    meaning="An interface cannot send and receive at the same time.",
    proof="The link's own settings: half duplex.",
    remedy=(
        "Let both ends negotiate, or set both to the same: one fixed end "
        "makes the other fall back to half duplex."
    ),
)
UNDERLAY_BOND_DEGRADED = entry.Entry(
    code="underlay-bond-degraded",
    severity=finding.Severity.WARNING,
    meaning=(
        "A member of a bond carries nothing, or is not in it; others do."
    ),
    proof=(
        "The bond's own monitoring says that it is down, or LACP has put it "
        "in another group than the other members; or the bond has fewer "
        "members than that of most hosts with the same networks and agents "
        "of Neutron."
    ),
    remedy=(
        "Check its cable and switch port; for LACP, that the switch has all "
        "members in one port channel."
    ),
)
UNDERLAY_MAC_DUPLICATE = entry.Entry(
    code="underlay-mac-duplicate",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Interfaces of several hosts on one network have the same MAC "
        "address, so that switches send frames to the one or the other."
    ),
    proof=(
        "The links' addresses as the hosts' kernels have them: of those with "
        "an address on the network, or of the interfaces of a physical one."
    ),
    remedy=(
        "Look for an address that is set by hand or by a cloned "
        "configuration; 'ip link show' tells the permanent one beside it."
    ),
)
UNDERLAY_WRONG_INTERFACE = entry.Entry(
    code="underlay-wrong-interface",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A network arrives at another interface of a host than the one with "
        "the host's address on it. Packets may pass all the same, over the "
        "links of another network."
    ),
    proof=(
        "A host asked for the address by ARP or neighbour discovery, and "
        "only another interface of its owner answered, which the one with "
        "the address does not stand on."
    ),
    remedy=(
        "See whether two cables are swapped, or the VLANs of two switch "
        "ports, or the addresses of two interfaces; and whether a bridge or "
        "bond with the address lacks the interface ('ip link')."
    ),
)
