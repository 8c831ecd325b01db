# SPDX-License-Identifier: Apache-2.0
"""The variables that the scripts and requests of faults are written with."""

from typing import Any

from steth.lab import layout as base
from steth.lab.cloud import layout
from steth.lab.cloud.faults import fault as fault_module
from steth.lab.cloud.instance import machine as machine_module
from steth.lab.cloud.instance import plug
from steth.lab.cloud.instance import ports
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan

_AGENTS = {
    "DHCP_AGENT": "neutron-dhcp-agent",
    "L3_AGENT": "neutron-l3-agent",
}


def variables(
    shape: layout.Shape,
    connection: Any,
    inventory: inventory_module.Inventory,
    fault: fault_module.Fault,
) -> dict[str, str]:
    """Return what a fault's scripts may name, as it is before the fault.

    All of it is kept with the fault, to heal it by. What has to be asked
    for takes a while, and is asked for only where it is named.
    """
    text = repr(fault.steps)
    found = {
        "NAME": fault.name,
        "KEEP": f"/run/steth/faults/{fault.name}",
        "HOST": fault.host,
        "ROUTER": inventory.router,
        "EXTERNAL": inventory.external,
        "EXTERNAL6": inventory.external6,
        "EXTERNAL_NETWORK": inventory.networks[plan.EXTERNAL.name].id,
        "VLAN": str(inventory.networks[plan.VLAN.name].segment),
        "GROUP": inventory.group,
        "TUNNEL_TO_PEER": _tunnel_port(shape, fault.host),
        "BOOT": machine_module.boot_script(),
    }
    for name, binary in _AGENTS.items():
        if name in text:
            found[name] = _agent(connection, binary)
    if "_RULE" in text:
        found.update(_rules(connection, inventory.group))
    for one in inventory.instances.values():
        if one.floating:
            name = one.name.upper()
            found[f"{name}_PORT"] = one.port
            found[f"{name}_FLOATING"] = one.floating_id
    instance = inventory.instances.get(fault.instance)
    if instance:
        found.update(_instance(inventory, instance))
        if any(name in text for name in ("TAP", "PLUG", "ATTACH")):
            network = inventory.network_of(instance)
            found.update(_plug(ports.nic(connection, instance, network)))
    return found


def _instance(
    inventory: inventory_module.Inventory,
    instance: inventory_module.Instance,
) -> dict[str, str]:
    network = inventory.network_of(instance)
    return {
        "INSTANCE": instance.name,
        "PORT": instance.port,
        "MAC": instance.mac,
        "ADDRESS": instance.address,
        "FLOATING": instance.floating,
        "NETWORK": network.id,
        "SUBNET": network.subnets["4"],
    }


def _plug(nic: plug.Nic) -> dict[str, str]:
    return {
        "TAP": nic.device("tap"),
        "PLUG": nic.in_bridge,
        "ATTACH": plug.attach(nic),
    }


def _tunnel_port(shape: layout.Shape, host: str) -> str:
    """Return the name of a host's tunnel port to another compute.

    Neutron makes it of the other's address, in hexadecimal.
    """
    for one in layout.computes(shape):
        if one.name != host:
            octets = one.address(base.TUNNEL).split(".")
            return "vxlan-" + "".join(f"{int(x):02x}" for x in octets)
    return ""


def _agent(connection: Any, binary: str) -> str:
    """Return the id of the first agent of a kind; empty if there is none."""
    agents = connection.network.agents(binary=binary)
    return str(next((one.id for one in agents), ""))


def _rules(connection: Any, group: str) -> dict[str, str]:
    """Return the rules that faults take away; Neutron names them anew."""
    found = {"EGRESS_RULE": "", "INGRESS_RULE": ""}
    for rule in connection.network.security_group_rules(
        security_group_id=group, ether_type="IPv4"
    ):
        if rule.direction == "egress":
            found["EGRESS_RULE"] = rule.id
        elif rule.protocol == "tcp":
            found["INGRESS_RULE"] = rule.id
    return found
