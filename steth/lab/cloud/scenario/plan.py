# SPDX-License-Identifier: Apache-2.0
"""The plan of the scenario: names, addresses and rules.

Nothing here touches the cloud. Where a field is ``None``, Neutron chooses.
"""

import msgspec


class Subnet(msgspec.Struct, frozen=True, kw_only=True):
    """A subnet; its name is that of the network with ``-v4`` or ``-v6``."""

    cidr: str
    gateway: str | None = None
    pool: tuple[str, str] | None = None
    dhcp: bool = True

    @property
    def version(self) -> int:
        """The version of IP, 4 or 6."""
        return 6 if ":" in self.cidr else 4


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A network; ``kind`` is its provider network type.

    ``routed`` says whether the scenario's router has a leg in it.
    """

    name: str
    kind: str
    physical: str | None = None
    segment: int | None = None
    external: bool = False
    shared: bool = False
    routed: bool = False
    subnets: tuple[Subnet, ...]


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """An instance, on the compute of this number, counted from 1."""

    name: str
    network: str
    compute: int
    floating: bool = False


ROUTER = "router"
SECURITY_GROUP = "web"
#: TCP ports that instances serve: the security group lets the first in.
OPEN_PORT = 80
BLOCKED_PORT = 81

#: A machine on the Internet; it serves the address that a question came
#: from.
SERVER_ADDRESS = "198.51.100.10"
SERVER_ADDRESS6 = "2001:db8:51::10"
ECHO_PORT = 8080
ECHO_URL = f"http://{SERVER_ADDRESS}:{ECHO_PORT}/cgi-bin/address"

#: The kind of a network that Neutron gives tenants first: VXLAN, or Geneve
#: with OVN.
OVERLAY = "overlay"

EXTERNAL = Network(
    name="public",
    kind="flat",
    physical="external",
    external=True,
    subnets=(
        Subnet(
            cidr="203.0.113.0/24",
            gateway="203.0.113.1",
            pool=("203.0.113.100", "203.0.113.199"),
            dhcp=False,
        ),
        Subnet(
            cidr="2001:db8:113::/64",
            gateway="2001:db8:113::1",
            pool=("2001:db8:113::100", "2001:db8:113::1ff"),
            dhcp=False,
        ),
    ),
)
PROVIDER = Network(
    name="provider",
    kind="vlan",
    physical="physnet1",
    segment=300,
    shared=True,
    subnets=(
        Subnet(
            cidr="192.0.2.0/24",
            gateway="192.0.2.1",
            pool=("192.0.2.100", "192.0.2.199"),
        ),
    ),
)
VXLAN = Network(
    name="tenant-vxlan",
    kind=OVERLAY,
    routed=True,
    subnets=(
        Subnet(cidr="10.10.1.0/24"),
        Subnet(cidr="2001:db8:101::/64"),
    ),
)
VLAN = Network(
    name="tenant-vlan",
    kind="vlan",
    physical="physnet1",
    routed=True,
    subnets=(
        Subnet(cidr="10.10.2.0/24"),
        Subnet(cidr="2001:db8:102::/64"),
    ),
)
NETWORKS = (EXTERNAL, PROVIDER, VXLAN, VLAN)

INSTANCES = (
    Instance(name="web1", network=VXLAN.name, compute=1, floating=True),
    Instance(name="web2", network=VXLAN.name, compute=2, floating=True),
    Instance(name="db1", network=VLAN.name, compute=1),
    Instance(name="db2", network=VLAN.name, compute=2),
    Instance(name="lan1", network=PROVIDER.name, compute=1),
    Instance(name="lan2", network=PROVIDER.name, compute=2),
)
