# SPDX-License-Identifier: Apache-2.0
"""What is expected to exist: hosts and node-level networks."""

import msgspec


class ExpectedHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host that should run an agent.

    ``address`` is where its direct listener should be (``None``: the host's
    name is used); ``sources`` says who expects it ("configuration",
    "neutron", "nova").
    """

    name: str
    address: str | None = None
    sources: tuple[str, ...] = ("configuration",)


class ExpectedNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A node-level network as the configuration describes it.

    ``cidrs`` are its subnets (more than one where racks are routed),
    ``mtu`` in bytes, ``minimum_bandwidth`` in Mbit/s, ``interfaces`` the
    device name by host with ``*`` for all others, ``hosts`` those that must
    be on it (empty: every host), ``dhcp_servers`` the addresses of those
    that should answer there, ``gateways`` those of its gateways.
    """

    name: str
    cidrs: tuple[str, ...]
    mtu: int | None = None
    minimum_bandwidth: int | None = None
    interfaces: dict[str, str] = {}
    hosts: tuple[str, ...] = ()
    dhcp_servers: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()


class ExpectedPhysicalNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A trunk that Neutron's VLAN networks use, as the configuration has it.

    ``interfaces`` is the device name by host with ``*`` for all others,
    ``vlans`` the VLANs that must reach every host ("100-199,300"; empty:
    not said), ``hosts`` those that must be on it (empty: every host),
    ``dhcp_servers`` the addresses of those that should answer on it.
    """

    name: str
    interfaces: dict[str, str] = {}
    vlans: str = ""
    hosts: tuple[str, ...] = ()
    dhcp_servers: tuple[str, ...] = ()

    def interface(self, host: str) -> str | None:
        """Return a host's device on it, ``None`` if it is not on it."""
        if self.hosts and host not in self.hosts:
            return None
        return self.interfaces.get(host, self.interfaces.get("*"))


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All that is expected; empty where nothing was configured."""

    hosts: tuple[ExpectedHost, ...] = ()
    networks: tuple[ExpectedNetwork, ...] = ()
    physical_networks: tuple[ExpectedPhysicalNetwork, ...] = ()
