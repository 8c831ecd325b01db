# SPDX-License-Identifier: Apache-2.0
"""The plan of a cloud: its hosts, networks, addresses and names.

Nothing here touches the machine; see the package for a description.
"""

import enum

import msgspec

from steth.lab import layout

MAX_COMPUTES = 100

CONTROLLER = layout.CONTROLLER
NETWORK_NODE = "network1"
GATEWAY = "gateway"
SERVER = "server"

#: What joins the gateway and the server.
INTERNET = layout.Network("internet", "inet0", "198.51.100.0/24", 1500, 0)
#: The node-level networks that the agents are on.
NODE_NETWORKS = (layout.MANAGEMENT, layout.TUNNEL)
NETWORKS = (*NODE_NETWORKS, INTERNET)

TRUNK_NIC = "eth2"
EXTERNAL_NIC = "eth3"

#: The bridge that holds a node's tunnel NIC, and the node's address there.
TUNNEL_BRIDGE = "br-phy"
INTEGRATION_BRIDGE = "br-int"

#: Physical networks, as Neutron calls them, and the bridge of each.
PHYSNET = "physnet1"
EXTERNAL = "external"
PROVIDER_BRIDGE = "br-provider"
EXTERNAL_BRIDGE = "br-ex"

#: VLANs: first and last of those that tenants get, and two of the operator's.
TENANT_VLANS = (100, 199)
PROVIDER_VLAN = 300
EXTERNAL_VLAN = 500
_TRUNKED = (*range(TENANT_VLANS[0], TENANT_VLANS[1] + 1), PROVIDER_VLAN)
UPLINK_VLANS = (*_TRUNKED, EXTERNAL_VLAN)

#: The gateway's NICs besides that to the Internet, and what they have.
GATEWAY_EXTERNAL_NIC = "ext0"
GATEWAY_PROVIDER_NIC = "prov0"

_FIRST_COMPUTE = 10


class Firewall(enum.StrEnum):
    """How the Open vSwitch agents make security groups."""

    OPENVSWITCH = "openvswitch"
    IPTABLES_HYBRID = "iptables_hybrid"


class Mechanism(enum.StrEnum):
    """What wires instances: Neutron's own agents, or OVN."""

    OPENVSWITCH = "openvswitch"
    OVN = "ovn"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a cloud consists of.

    With ``dvr`` what has a floating IP leaves by its own compute, and all
    else by the network node, as without it. With OVN there is no choice of a
    firewall.
    """

    computes: int = 2
    firewall: Firewall = Firewall.OPENVSWITCH
    dvr: bool = False
    mechanism: Mechanism = Mechanism.OPENVSWITCH

    @property
    def routes_ipv6_out(self) -> bool:
        """Whether IPv6 gets out by a router that has floating IPs.

        A distributed one of Neutron's L3 agent sends it into the namespace
        of its floating IPs, which does not route IPv6.
        """
        return not self.dvr or self.mechanism is Mechanism.OVN

    def __str__(self) -> str:
        count = f"{self.computes} compute" + "s" * (self.computes != 1)
        said = [count, f"mechanism {self.mechanism}"]
        if self.mechanism is Mechanism.OPENVSWITCH:
            said.append(f"firewall {self.firewall}")
        if self.dvr:
            said.append("distributed routers")
        return ", ".join(said)


class Attachment(msgspec.Struct, frozen=True):
    """A bridge of a node for a physical network, and the NIC in it."""

    physical_network: str
    bridge: str
    nic: str


TRUNK_ATTACHMENT = Attachment(PHYSNET, PROVIDER_BRIDGE, TRUNK_NIC)
EXTERNAL_ATTACHMENT = Attachment(EXTERNAL, EXTERNAL_BRIDGE, EXTERNAL_NIC)


def controller() -> layout.Host:
    """Return the host with the servers."""
    return layout.controller()


def network_node() -> layout.Host:
    """Return the host with the DHCP, L3 and metadata agents."""
    return _node(NETWORK_NODE, 3)


def computes(shape: Shape) -> tuple[layout.Host, ...]:
    """Return the hosts of instances."""
    return tuple(
        _node(f"compute{number}", _FIRST_COMPUTE + number)
        for number in range(1, shape.computes + 1)
    )


def _node(name: str, number: int) -> layout.Host:
    return layout.Host(name, number, NODE_NETWORKS, (layout.TUNNEL,))


def nodes(shape: Shape) -> tuple[layout.Host, ...]:
    """Return the hosts that instances' packets pass."""
    return (network_node(), *computes(shape))


def members(shape: Shape) -> tuple[layout.Host, ...]:
    """Return the hosts of the cloud, which run a ``steth-agent``."""
    return (controller(), *nodes(shape))


def outside() -> tuple[layout.Host, ...]:
    """Return the hosts that are not of the cloud."""
    return (
        layout.Host(GATEWAY, 1, (INTERNET,)),
        layout.Host(SERVER, 10, (INTERNET,)),
    )


def hosts(shape: Shape) -> tuple[layout.Host, ...]:
    """Return all hosts, the controller first."""
    return (*members(shape), *outside())


def attachments(host: layout.Host, shape: Shape) -> tuple[Attachment, ...]:
    """Return how a node is attached to the physical networks."""
    if host.name == NETWORK_NODE or shape.dvr:
        return (TRUNK_ATTACHMENT, EXTERNAL_ATTACHMENT)
    return (TRUNK_ATTACHMENT,)


def trunk_ports(shape: Shape) -> tuple[layout.TrunkPort, ...]:
    """Return the ports of the switches that know VLANs."""
    ports = [
        layout.TrunkPort(
            host=host.name,
            nic=one.nic,
            leaf=host.leaf,
            tag=EXTERNAL_VLAN if one is EXTERNAL_ATTACHMENT else None,
            vlans=() if one is EXTERNAL_ATTACHMENT else _TRUNKED,
        )
        for host in nodes(shape)
        for one in attachments(host, shape)
    ]
    ports += [
        layout.TrunkPort(
            host=GATEWAY, nic=nic, leaf=layout.LEAVES[1], tag=vlan
        )
        for nic, vlan in (
            (GATEWAY_EXTERNAL_NIC, EXTERNAL_VLAN),
            (GATEWAY_PROVIDER_NIC, PROVIDER_VLAN),
        )
    ]
    return tuple(ports)
