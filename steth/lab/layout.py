# SPDX-License-Identifier: Apache-2.0
"""The plan of a lab: its hosts, networks, addresses and names.

Nothing here touches the machine. All addresses are valid inside the lab's
own network namespaces only, so that two labs may share them.
"""

import ipaddress

import msgspec

MAX_HOSTS = 200

#: The host that holds the broker, if any, and where ``openstack`` is run.
CONTROLLER = "controller"
#: The namespace that holds the bridges which join the hosts.
SWITCH = "switch"

#: A machine without an agent that is the networks' gateway.
GATEWAY = "gateway"

_FIRST_COMPUTE = 10
_GATEWAY = 253


class Network(msgspec.Struct, frozen=True):
    """A node-level network: a bridge in the switch, a NIC in each host.

    ``mtu`` is in bytes, ``minimum_bandwidth`` in Mbit/s.
    """

    name: str
    nic: str
    subnet: str
    mtu: int
    minimum_bandwidth: int

    @property
    def prefix(self) -> int:
        """The prefix length of the subnet."""
        return ipaddress.ip_network(self.subnet).prefixlen

    def address(self, number: int) -> str:
        """Return the address that has this number in the subnet."""
        return str(ipaddress.ip_network(self.subnet)[number])

    @property
    def router(self) -> str:
        """The address of a router, where a fault puts one in the way."""
        return self.address(-2)


MANAGEMENT = Network("mgmt", "eth0", "10.77.0.0/24", 1500, 100)
TUNNEL = Network("tunnel", "eth1", "10.77.1.0/24", 9000, 100)
STORAGE = Network("storage", "eth2", "10.77.2.0/24", 9000, 100)
NETWORKS = (MANAGEMENT, TUNNEL, STORAGE)

#: The name of the trunk as a physical network, the NIC on it, which has no
#: address, and the two switches that it is made of.
TRUNK = "physnet1"
TRUNK_NIC = "eth3"
LEAVES = ("leaf1", "leaf2")


def uplink(leaf: str) -> str:
    """Return the name of a switch's port to the other one."""
    return f"{leaf}-uplink"


class TrunkPort(msgspec.Struct, frozen=True, kw_only=True):
    """A port of the trunk's switches, and the NIC that is plugged into it.

    With a ``tag`` it is an access port of that VLAN; else a trunk port that
    lets ``vlans`` through, all of them where there are none.
    """

    host: str
    nic: str
    leaf: str
    tag: int | None = None
    vlans: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of the port, in at most 15 characters."""
        return f"{self.host}-{self.nic}"


class Host(msgspec.Struct, frozen=True):
    """A host; ``number`` is its own in every subnet.

    On the ``bridged`` ones of its networks its address is not on the NIC
    but on a bridge that holds the NIC. ``gateway`` is where its default route
    leads, if it has one.
    """

    name: str
    number: int
    networks: tuple[Network, ...] = NETWORKS
    bridged: tuple[Network, ...] = ()
    gateway: str | None = None

    def address(self, network: Network) -> str:
        """Return its address on a network."""
        return network.address(self.number)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses, the one for management first."""
        return tuple(self.address(one) for one in self.networks)

    def port(self, network: Network) -> str:
        """Return the name of the switch's port that its NIC is plugged in.

        It fits the 15 characters of IFNAMSIZ, see netdevice(7).
        """
        return f"{self.name}-{network.nic}"

    @property
    def trunk_port(self) -> str:
        """The name of the port that its NIC on the trunk is plugged in."""
        return self.trunk.name

    @property
    def trunk(self) -> TrunkPort:
        """The port that its NIC on the trunk is plugged in."""
        return TrunkPort(host=self.name, nic=TRUNK_NIC, leaf=self.leaf)

    @property
    def leaf(self) -> str:
        """The name of the trunk's switch that it is plugged in."""
        return LEAVES[(self.number + 1) % 2]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a lab consists of."""

    hosts: int = 3
    broker: bool = False
    tls: bool = False
    trunk: bool = False
    gateway: bool = False
    agents: bool = True

    def __str__(self) -> str:
        count = "1 host" if self.hosts == 1 else f"{self.hosts} hosts"
        said = [count, "a broker" if self.broker else "no broker"]
        if self.tls:
            said.append("TLS")
        if self.trunk:
            said.append("a trunk")
        if self.gateway:
            said.append("a gateway")
        if not self.agents:
            said.append("no agents")
        return ", ".join(said)


def controller() -> Host:
    """Return the controller host, which is on the management network."""
    return Host(CONTROLLER, 1, (MANAGEMENT,))


def gateway() -> Host:
    """Return the machine that is the gateway of every network."""
    return Host(GATEWAY, _GATEWAY)


def computes(shape: Shape) -> tuple[Host, ...]:
    """Return the hosts that run an agent."""
    default = gateway().address(MANAGEMENT) if shape.gateway else None
    return tuple(
        Host(f"compute{number}", _FIRST_COMPUTE + number, gateway=default)
        for number in range(1, shape.hosts + 1)
    )


def hosts(shape: Shape) -> tuple[Host, ...]:
    """Return all hosts, the controller first."""
    others = (gateway(),) if shape.gateway else ()
    return (controller(), *others, *computes(shape))


def network(name: str) -> Network | None:
    """Return the network of that name, ``None`` if there is none."""
    return next((one for one in NETWORKS if one.name == name), None)
