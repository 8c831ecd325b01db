# SPDX-License-Identifier: Apache-2.0
"""The hosts and node-level networks that are expected."""

import ipaddress

from oslo_config import cfg

from steth.model import inventory as model
from steth.model import vlan_range

GROUP = cfg.OptGroup(
    "inventory",
    title="Inventory",
    help=(
        "What should be there. Without hosts, those that answer on the bus "
        "(and those that the cloud knows) are checked; without networks, "
        "those that the agents' addresses form."
    ),
)

OPTS = [
    cfg.DictOpt(
        "hosts",
        default={},
        sample_default="compute1:192.0.2.11,compute2:192.0.2.12",
        help=(
            "The hosts that should run an agent, each with the address of "
            "its direct listener: 'name:address', separated by commas."
        ),
    ),
    cfg.ListOpt(
        "networks",
        default=[],
        sample_default="mgmt,tunnel",
        help=(
            "Names of the node-level networks; each is described in a "
            "section of its own, [network:<name>]."
        ),
    ),
    cfg.ListOpt(
        "physical_networks",
        default=[],
        sample_default="physnet1",
        help=(
            "Names of the physical networks (trunks) that carry Neutron's "
            "VLAN networks; each is described in a section of its own, "
            "[physical_network:<name>]."
        ),
    ),
]

NETWORK_PREFIX = "network:"

NETWORK_OPTS = [
    cfg.ListOpt(
        "cidr",
        default=[],
        sample_default="192.0.2.0/24",
        help=(
            "Subnets of the network; several where racks are routed. Hosts "
            "of different subnets must reach each other, but share no "
            "multicast, gateway or DHCP broadcast. Where hosts announce their "
            "addresses by BGP, those on the loopback device or a dummy count."
        ),
    ),
    cfg.IntOpt(
        "mtu",
        min=576,
        max=65535,
        help="The largest IP packet that must pass, in bytes.",
    ),
    cfg.IntOpt(
        "minimum_bandwidth",
        min=1,
        help="What one pair of hosts must reach, in Mbit/s.",
    ),
    cfg.DictOpt(
        "interface",
        default={},
        sample_default="*:eth1,compute7:ens2f0",
        help=(
            "The interface that is on the network, by host; '*' stands for "
            "all other hosts. Where it is not given, the interface that "
            "most hosts use tells where one is missing."
        ),
    ),
    cfg.ListOpt(
        "hosts",
        default=[],
        help="The hosts that must be on it; all hosts where it is empty.",
    ),
    cfg.ListOpt(
        "gateway",
        default=[],
        sample_default="192.0.2.1",
        help=(
            "Addresses of the gateway, one for each subnet; a link-local "
            "one, as fe80::1, is another gateway in each. Where it is not "
            "given, the hosts' default routes tell it."
        ),
    ),
    cfg.ListOpt(
        "dhcp_servers",
        default=[],
        sample_default="192.0.2.5",
        help=(
            "Addresses of the DHCP servers that should answer on the "
            "network; any other that answers is taken for a rogue. Where it "
            "has several subnets, a server in one of them is expected to "
            "answer there, and in subnets that have none of their own."
        ),
    ),
]

PHYSICAL_NETWORK_PREFIX = "physical_network:"

PHYSICAL_NETWORK_OPTS = [
    cfg.DictOpt(
        "interface",
        default={},
        sample_default="*:eth2,compute7:ens2f1",
        help=(
            "The interface that is on the trunk, by host: the NIC or the "
            "bond itself, also where it is a port of a bridge; '*' stands "
            "for all other hosts."
        ),
    ),
    cfg.ListOpt(
        "vlans",
        default=[],
        sample_default="100-199,300",
        help=(
            "The VLANs that must reach every host, as ids and ranges; "
            "where it is empty, those that Neutron uses."
        ),
    ),
    cfg.ListOpt(
        "hosts",
        default=[],
        help="The hosts that must be on it; all hosts where it is empty.",
    ),
    cfg.ListOpt(
        "dhcp_servers",
        default=[],
        sample_default="192.0.2.5",
        help=(
            "Addresses of the DHCP servers that should answer on its "
            "VLANs; any other that answers is taken for a rogue."
        ),
    ),
]


class InventoryError(ValueError):
    """The inventory contradicts itself."""


def register(conf: cfg.ConfigOpts) -> None:
    """Register the inventory's options (not yet the networks')."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)


def network_group(name: str) -> cfg.OptGroup:
    """Return the option group that describes a network."""
    return cfg.OptGroup(
        NETWORK_PREFIX + name,
        title=f"Network {name}",
        help="One node-level network that [inventory] networks names.",
    )


def physical_network_group(name: str) -> cfg.OptGroup:
    """Return the option group that describes a physical network."""
    return cfg.OptGroup(
        PHYSICAL_NETWORK_PREFIX + name,
        title=f"Physical network {name}",
        help="One trunk that [inventory] physical_networks names.",
    )


def read(conf: cfg.ConfigOpts) -> model.Inventory:
    """Return the configured inventory.

    :raises InventoryError: naming the section and option that is wrong
    """
    hosts = tuple(
        model.ExpectedHost(name=name, address=address or None)
        for name, address in conf.inventory.hosts.items()
    )
    networks = tuple(
        _read_network(conf, name, {one.name for one in hosts})
        for name in conf.inventory.networks
    )
    physical_networks = tuple(
        _read_physical_network(conf, name, {one.name for one in hosts})
        for name in conf.inventory.physical_networks
    )
    return model.Inventory(
        hosts=hosts, networks=networks, physical_networks=physical_networks
    )


def _read_network(
    conf: cfg.ConfigOpts, name: str, known: set[str]
) -> model.ExpectedNetwork:
    group = network_group(name)
    conf.register_group(group)
    conf.register_opts(NETWORK_OPTS, group=group)
    section = conf[group.name]
    if not section.cidr:
        raise InventoryError(
            f"[{group.name}] cidr is missing: give the subnet of network "
            f"{name}, or take {name} out of [inventory] networks"
        )
    for cidr in section.cidr:
        try:
            ipaddress.ip_network(cidr)
        except ValueError as error:
            raise InventoryError(f"[{group.name}] cidr: {error}") from None
    _refuse_strangers(group.name, section, known)
    return model.ExpectedNetwork(
        name=name,
        cidrs=tuple(str(ipaddress.ip_network(one)) for one in section.cidr),
        mtu=section.mtu,
        minimum_bandwidth=section.minimum_bandwidth,
        interfaces=dict(section.interface),
        hosts=tuple(section.hosts),
        dhcp_servers=_addresses(group.name, "dhcp_servers", section),
        gateways=_gateways(group.name, section),
    )


def _read_physical_network(
    conf: cfg.ConfigOpts, name: str, known: set[str]
) -> model.ExpectedPhysicalNetwork:
    group = physical_network_group(name)
    conf.register_group(group)
    conf.register_opts(PHYSICAL_NETWORK_OPTS, group=group)
    section = conf[group.name]
    if not section.interface:
        raise InventoryError(
            f"[{group.name}] interface is missing: say which NIC is on the "
            f"trunk, e.g. '*:eth2', or take {name} out of [inventory] "
            f"physical_networks"
        )
    vlans = ",".join(section.vlans)
    try:
        vlans = vlan_range.compact(vlan_range.parse(vlans)) if vlans else ""
    except ValueError as error:
        raise InventoryError(f"[{group.name}] vlans: {error}") from None
    _refuse_strangers(group.name, section, known)
    return model.ExpectedPhysicalNetwork(
        name=name,
        interfaces=dict(section.interface),
        vlans=vlans,
        hosts=tuple(section.hosts),
        dhcp_servers=_addresses(group.name, "dhcp_servers", section),
    )


def _gateways(
    group: str, section: cfg.ConfigOpts.GroupAttr
) -> tuple[str, ...]:
    """Return the addresses of a network's gateways.

    :raises InventoryError: naming one that no host could reach directly
    """
    subnets = [ipaddress.ip_network(one) for one in section.cidr]
    found = _addresses(group, "gateway", section)
    for address in map(ipaddress.ip_address, found):
        if not address.is_link_local and not any(
            address in subnet for subnet in subnets
        ):
            raise InventoryError(
                f"[{group}] gateway: {address} is not in "
                f"{', '.join(section.cidr)}"
            )
    return found


def _addresses(
    group: str, option: str, section: cfg.ConfigOpts.GroupAttr
) -> tuple[str, ...]:
    """Return addresses in their usual form.

    :raises InventoryError: naming the option and what is no address
    """
    try:
        return tuple(str(ipaddress.ip_address(one)) for one in section[option])
    except ValueError as error:
        raise InventoryError(f"[{group}] {option}: {error}") from None


def _refuse_strangers(
    group: str, section: cfg.ConfigOpts.GroupAttr, known: set[str]
) -> None:
    """Refuse hosts that the inventory does not know.

    :raises InventoryError: naming the option and the hosts
    """
    for option, names in (
        ("hosts", section.hosts),
        ("interface", [one for one in section.interface if one != "*"]),
    ):
        strangers = [one for one in names if known and one not in known]
        if strangers:
            raise InventoryError(
                f"[{group}] {option}: {', '.join(strangers)} is not in "
                f"[inventory] hosts"
            )
