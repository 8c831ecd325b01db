# SPDX-License-Identifier: Apache-2.0
"""Findings about the size of packets."""

from steth.checks.catalogue import entry
from steth.model import finding

HOST_MTU_SMALL = entry.Entry(
    code="host-mtu-small",
    severity=finding.Severity.CRITICAL,
    meaning="The MTU of a host's interface is smaller than its network's.",
    proof=(
        "The MTU of the link against the configured one, or against that of "
        "the other hosts on the network."
    ),
    remedy="Raise the MTU of the interface and of the devices below it.",
)
UNDERLAY_MTU_BLACK_HOLE = entry.Entry(
    code="underlay-mtu-black-hole",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "Packets of the network's full size vanish between hosts whose own "
        "interfaces would carry them, and nobody says so."
    ),
    proof=(
        "Small packets pass. Full-size ones that may not be fragmented leave "
        "one host's interface and do not arrive at the other's, and no ICMP "
        "error came back (RFC 2923)."
    ),
    remedy="Raise the MTU of the switch ports on the way.",
)
UNDERLAY_MTU_REPORTED = entry.Entry(
    code="underlay-mtu-reported",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A router between hosts lets only packets through that are smaller "
        "than the network's full size."
    ),
    proof=(
        "An ICMP error, 'fragmentation needed' (RFC 1191) or 'packet too "
        "big' (RFC 8201), with the router's address and its limit."
    ),
    remedy="Raise the MTU of that router's interface.",
)
TUNNEL_MTU_SMALL = entry.Entry(
    code="tunnel-mtu-small",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "The network between the hosts carries smaller packets than the "
        "tunnels of Neutron's networks need: full-size packets of instances "
        "get lost between hosts, or fragmented."
    ),
    proof=(
        "The path MTU between hosts, measured with echo requests that must "
        "not be fragmented, against the MTU of Neutron's networks and what "
        "their encapsulation adds: 50 bytes for VXLAN, 42 for GRE, 58 for "
        "Geneve, and 20 more over IPv6."
    ),
    remedy=(
        "Raise the MTU of the interfaces and switches of the network, or "
        "tell Neutron its real MTU (global_physnet_mtu, [ml2] path_mtu) and "
        "lower that of the networks which exist."
    ),
)
