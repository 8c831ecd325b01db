# SPDX-License-Identifier: Apache-2.0
"""Every finding code: what it means, how it is proved, how to fix it.

The documentation is generated from here.
"""

from steth.checks.catalogue.agent import AGENT_NO_ANSWER
from steth.checks.catalogue.agent import AGENT_OPERATION_FAILED
from steth.checks.catalogue.agent import AGENT_TOOL_MISSING
from steth.checks.catalogue.bandwidth import UNDERLAY_BANDWIDTH_HOST
from steth.checks.catalogue.bandwidth import UNDERLAY_BANDWIDTH_NETWORK
from steth.checks.catalogue.bandwidth import UNDERLAY_BANDWIDTH_OVERSUBSCRIBED
from steth.checks.catalogue.bandwidth import UNDERLAY_BANDWIDTH_PAIR
from steth.checks.catalogue.dhcp import DHCP_ROGUE_SERVER
from steth.checks.catalogue.dhcp import DHCP_SERVER_SILENT
from steth.checks.catalogue.dhcp import DHCP_SERVER_UNHEARD
from steth.checks.catalogue.entry import Entry
from steth.checks.catalogue.gateway import UNDERLAY_GATEWAY_DIFFERS
from steth.checks.catalogue.gateway import UNDERLAY_GATEWAY_SILENT
from steth.checks.catalogue.gateway import UNDERLAY_GATEWAY_UNHEARD
from steth.checks.catalogue.host import HOST_ADDRESS_MISSING
from steth.checks.catalogue.host import HOST_BRIDGE_NETFILTER_OFF
from steth.checks.catalogue.host import HOST_CANNOT_SEND
from steth.checks.catalogue.host import HOST_CLOCK_OFFSET
from steth.checks.catalogue.host import HOST_CONNTRACK_FULL
from steth.checks.catalogue.host import HOST_DROPS_GROW
from steth.checks.catalogue.host import HOST_ECHO_IGNORED
from steth.checks.catalogue.host import HOST_FILTERED
from steth.checks.catalogue.host import HOST_FORWARDING_OFF
from steth.checks.catalogue.host import HOST_INTERFACE_DOWN
from steth.checks.catalogue.host import HOST_INTERFACE_MISSING
from steth.checks.catalogue.host import HOST_MACHINE_ID_DUPLICATE
from steth.checks.catalogue.host import HOST_NAME_DUPLICATE
from steth.checks.catalogue.host import HOST_NAME_REVERSED
from steth.checks.catalogue.host import HOST_NAME_UNRESOLVED
from steth.checks.catalogue.host import HOST_NAME_WRONG
from steth.checks.catalogue.host import HOST_NEIGHBOURS_FULL
from steth.checks.catalogue.host import HOST_NO_ROUTE
from steth.checks.catalogue.host import HOST_PARTIAL_LOSS
from steth.checks.catalogue.host import HOST_PROGRAM_MISSING
from steth.checks.catalogue.host import HOST_WRONG_NEIGHBOUR
from steth.checks.catalogue.host import HOST_WRONG_PREFIX
from steth.checks.catalogue.host import HOST_WRONG_ROUTE
from steth.checks.catalogue.mtu import HOST_MTU_SMALL
from steth.checks.catalogue.mtu import TUNNEL_MTU_SMALL
from steth.checks.catalogue.mtu import UNDERLAY_MTU_BLACK_HOLE
from steth.checks.catalogue.mtu import UNDERLAY_MTU_REPORTED
from steth.checks.catalogue.multicast import HOST_MULTICAST_FILTERED
from steth.checks.catalogue.multicast import UNDERLAY_MULTICAST_BLOCKED
from steth.checks.catalogue.multicast import UNDERLAY_MULTICAST_SILENT
from steth.checks.catalogue.multicast import UNDERLAY_MULTICAST_SPLIT
from steth.checks.catalogue.openvswitch import OVS_BRIDGE_NOT_CREATED
from steth.checks.catalogue.underlay import UNDERLAY_ADDRESS_DUPLICATE
from steth.checks.catalogue.underlay import UNDERLAY_BOND_DEGRADED
from steth.checks.catalogue.underlay import UNDERLAY_CARRIER_UNSTABLE
from steth.checks.catalogue.underlay import UNDERLAY_ERRORS_GROW
from steth.checks.catalogue.underlay import UNDERLAY_FILTERED
from steth.checks.catalogue.underlay import UNDERLAY_HALF_DUPLEX
from steth.checks.catalogue.underlay import UNDERLAY_LATENCY
from steth.checks.catalogue.underlay import UNDERLAY_MAC_DUPLICATE
from steth.checks.catalogue.underlay import UNDERLAY_NO_CARRIER
from steth.checks.catalogue.underlay import UNDERLAY_NO_NEIGHBOUR
from steth.checks.catalogue.underlay import UNDERLAY_ONE_WAY
from steth.checks.catalogue.underlay import UNDERLAY_PARTIAL_LOSS
from steth.checks.catalogue.underlay import UNDERLAY_SPEED_LOW
from steth.checks.catalogue.underlay import UNDERLAY_SPLIT
from steth.checks.catalogue.underlay import UNDERLAY_UNREACHABLE
from steth.checks.catalogue.underlay import UNDERLAY_WRONG_INTERFACE
from steth.checks.catalogue.vlan import AGENT_FRAMES_LOST
from steth.checks.catalogue.vlan import UNDERLAY_VLAN_LOOP
from steth.checks.catalogue.vlan import UNDERLAY_VLAN_MISSING
from steth.checks.catalogue.vlan import UNDERLAY_VLAN_NATIVE
from steth.checks.catalogue.vlan import UNDERLAY_VLAN_ONE_WAY
from steth.checks.catalogue.vlan import UNDERLAY_VLAN_SPLIT

__all__ = [
    "AGENT_FRAMES_LOST",
    "AGENT_NO_ANSWER",
    "AGENT_OPERATION_FAILED",
    "AGENT_TOOL_MISSING",
    "DHCP_ROGUE_SERVER",
    "DHCP_SERVER_SILENT",
    "DHCP_SERVER_UNHEARD",
    "ENTRIES",
    "HOST_ADDRESS_MISSING",
    "HOST_BRIDGE_NETFILTER_OFF",
    "HOST_CANNOT_SEND",
    "HOST_CLOCK_OFFSET",
    "HOST_CONNTRACK_FULL",
    "HOST_DROPS_GROW",
    "HOST_ECHO_IGNORED",
    "HOST_FILTERED",
    "HOST_FORWARDING_OFF",
    "HOST_INTERFACE_DOWN",
    "HOST_INTERFACE_MISSING",
    "HOST_MACHINE_ID_DUPLICATE",
    "HOST_MTU_SMALL",
    "HOST_MULTICAST_FILTERED",
    "HOST_NAME_DUPLICATE",
    "HOST_NAME_REVERSED",
    "HOST_NAME_UNRESOLVED",
    "HOST_NAME_WRONG",
    "HOST_NEIGHBOURS_FULL",
    "HOST_NO_ROUTE",
    "HOST_PARTIAL_LOSS",
    "HOST_PROGRAM_MISSING",
    "HOST_WRONG_NEIGHBOUR",
    "HOST_WRONG_PREFIX",
    "HOST_WRONG_ROUTE",
    "OVS_BRIDGE_NOT_CREATED",
    "TUNNEL_MTU_SMALL",
    "UNDERLAY_ADDRESS_DUPLICATE",
    "UNDERLAY_BANDWIDTH_HOST",
    "UNDERLAY_BANDWIDTH_NETWORK",
    "UNDERLAY_BANDWIDTH_OVERSUBSCRIBED",
    "UNDERLAY_BANDWIDTH_PAIR",
    "UNDERLAY_BOND_DEGRADED",
    "UNDERLAY_CARRIER_UNSTABLE",
    "UNDERLAY_ERRORS_GROW",
    "UNDERLAY_FILTERED",
    "UNDERLAY_GATEWAY_DIFFERS",
    "UNDERLAY_GATEWAY_SILENT",
    "UNDERLAY_GATEWAY_UNHEARD",
    "UNDERLAY_HALF_DUPLEX",
    "UNDERLAY_LATENCY",
    "UNDERLAY_MAC_DUPLICATE",
    "UNDERLAY_MTU_BLACK_HOLE",
    "UNDERLAY_MTU_REPORTED",
    "UNDERLAY_MULTICAST_BLOCKED",
    "UNDERLAY_MULTICAST_SILENT",
    "UNDERLAY_MULTICAST_SPLIT",
    "UNDERLAY_NO_CARRIER",
    "UNDERLAY_NO_NEIGHBOUR",
    "UNDERLAY_ONE_WAY",
    "UNDERLAY_PARTIAL_LOSS",
    "UNDERLAY_SPEED_LOW",
    "UNDERLAY_SPLIT",
    "UNDERLAY_UNREACHABLE",
    "UNDERLAY_VLAN_LOOP",
    "UNDERLAY_VLAN_MISSING",
    "UNDERLAY_VLAN_NATIVE",
    "UNDERLAY_VLAN_ONE_WAY",
    "UNDERLAY_VLAN_SPLIT",
    "UNDERLAY_WRONG_INTERFACE",
    "Entry",
]

ENTRIES: dict[str, Entry] = {
    one.code: one for one in list(globals().values()) if isinstance(one, Entry)
}
