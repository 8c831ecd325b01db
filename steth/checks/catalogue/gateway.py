# SPDX-License-Identifier: Apache-2.0
"""Findings about the gateways of networks."""

from steth.checks.catalogue import entry
from steth.model import finding

UNDERLAY_GATEWAY_SILENT = entry.Entry(
    code="underlay-gateway-silent",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "The gateway of a network answers no host: nothing on it reaches "
        "other networks."
    ),
    proof=(
        "Hosts that reach each other on the network asked for the hardware "
        "address of the gateway, several times, and none got an answer. "
        "Where the hosts have no addresses, that they reach each other is "
        "not proved."
    ),
    remedy=(
        "Look whether the gateway is up and has the address, whether the "
        "network's VLAN is on its port, and whether the address is right in "
        "the configuration, or in the hosts' default routes."
    ),
)
UNDERLAY_GATEWAY_UNHEARD = entry.Entry(
    code="underlay-gateway-unheard",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "The gateway of a network answers some hosts, and not others, "
        "although those reach other hosts there."
    ),
    proof=(
        "The hosts asked for the gateway's hardware address at the same "
        "time, and once more where there was no answer; some got one, "
        "others did not. Where the hosts have no addresses, that they reach "
        "others is not proved."
    ),
    remedy=(
        "Check the switch port of the host: its VLAN, private VLANs, access "
        "lists, ARP inspection; and the gateway's own filters."
    ),
)
UNDERLAY_GATEWAY_DIFFERS = entry.Entry(
    code="underlay-gateway-differs",
    severity=finding.Severity.WARNING,
    meaning=(
        "Hosts are given different hardware addresses for one gateway: two "
        "machines have its address, each heard by a part of the hosts, or a "
        "pair of routers that does not share a virtual one has split."
    ),
    proof=(
        "Each host got one hardware address for the gateway, and not all "
        "the same one. Gateways that answer each host with a virtual "
        "address do not differ."
    ),
    remedy=(
        "Look at the state of the routers' redundancy protocol (VRRP, HSRP, "
        "anycast gateway), for a machine that has taken the address, and for "
        "a host whose cable is in the port of another network."
    ),
)
