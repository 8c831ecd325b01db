# SPDX-License-Identifier: Apache-2.0
"""Findings about DHCP servers on the underlay."""

from steth.checks.catalogue import entry
from steth.model import finding

DHCP_ROGUE_SERVER = entry.Entry(
    code="dhcp-rogue-server",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A DHCP server that is not expected answers on a network: hosts, or "
        "nodes that are being installed there, may get wrong addresses, "
        "routes and boot files. It is a warning where no network is "
        "configured, since nothing tells then which servers should be there."
    ),
    proof=(
        "It answered a marked DHCPDISCOVER with an offer. The hardware "
        "address of the frame is the server's, or that of the router that "
        "relays for it; where it is one of the hosts', the host is named."
    ),
    remedy=(
        "Find the hardware address in the switches' tables and stop the "
        "server, or turn DHCP snooping on. A server that should be there "
        "belongs into dhcp_servers in the network's section of the "
        "configuration."
    ),
)
DHCP_SERVER_SILENT = entry.Entry(
    code="dhcp-server-silent",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A DHCP server that is expected on a network answers no host. It is "
        "a warning where another expected server answers: one that stands "
        "by is silent."
    ),
    proof=(
        "Hosts that reach each other sent marked DHCPDISCOVERs, and none "
        "got an offer of that server. A server that only knows addresses "
        "reserved for others is silent too, as is one whose pool is used up."
    ),
    remedy=(
        "Look whether the server runs and has free addresses for the "
        "network, and whether the router relays to it; take it out of "
        "dhcp_servers where it should not answer strangers."
    ),
)
DHCP_SERVER_UNHEARD = entry.Entry(
    code="dhcp-server-unheard",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A DHCP server that is expected on a network answers some hosts, and "
        "not others, although those reach other hosts there. It is a warning "
        "where another expected server answers them: two may share the "
        "clients out (RFC 3074)."
    ),
    proof=(
        "The hosts sent marked DHCPDISCOVERs at the same time, twice, and "
        "twice more where the offer was missing; some got it, others did "
        "not."
    ),
    remedy=(
        "Look at DHCP snooping and access lists on the switch ports of the "
        "hosts that get no answer, and at the relay of their network. Where "
        "the server only knows reserved addresses, look whether it has any "
        "for their hardware addresses."
    ),
)
