# SPDX-License-Identifier: Apache-2.0
"""The hosts and node-level networks that are expected."""

import ipaddress

from oslo_config import cfg

from steth.model import inventory as model

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
]

NETWORK_PREFIX = "network:"

NETWORK_OPTS = [
    cfg.ListOpt(
        "cidr",
        default=[],
        sample_default="192.0.2.0/24",
        help="Subnets of the network; several where racks are routed.",
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
    return model.Inventory(hosts=hosts, networks=networks)


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
    for option, names in (
        ("hosts", section.hosts),
        ("interface", [one for one in section.interface if one != "*"]),
    ):
        strangers = [one for one in names if known and one not in known]
        if strangers:
            raise InventoryError(
                f"[{group.name}] {option}: {', '.join(strangers)} is not in "
                f"[inventory] hosts"
            )
    return model.ExpectedNetwork(
        name=name,
        cidrs=tuple(str(ipaddress.ip_network(one)) for one in section.cidr),
        mtu=section.mtu,
        minimum_bandwidth=section.minimum_bandwidth,
        interfaces=dict(section.interface),
        hosts=tuple(section.hosts),
    )
