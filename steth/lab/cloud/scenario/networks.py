# SPDX-License-Identifier: Apache-2.0
"""Making networks, the router and the security group, once."""

import ipaddress
from typing import Any

from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan


def ensure_network(
    connection: Any, network: plan.Network
) -> inventory_module.Network:
    """Return a network of the plan, made if it is not there.

    :param connection: an openstacksdk connection
    """
    neutron = connection.network
    found = neutron.find_network(network.name)
    if found is None:
        attributes: dict[str, object] = {
            "name": network.name,
            "is_router_external": network.external,
            "is_shared": network.shared,
        }
        if network.kind is not plan.OVERLAY:
            attributes["provider_network_type"] = network.kind
        if network.physical and (network.segment or network.kind == "flat"):
            attributes["provider_physical_network"] = network.physical
        if network.segment:
            attributes["provider_segmentation_id"] = network.segment
        found = neutron.create_network(**attributes)
    subnets = {
        str(one.version): _ensure_subnet(neutron, found, network, one)
        for one in network.subnets
    }
    return inventory_module.Network(
        id=found.id,
        name=network.name,
        kind=found.provider_network_type,
        mtu=found.mtu,
        segment=found.provider_segmentation_id,
        physical=found.provider_physical_network,
        routed=network.routed,
        subnets=subnets,
    )


def _ensure_subnet(
    neutron: Any, found: Any, network: plan.Network, subnet: plan.Subnet
) -> str:
    name = f"{network.name}-v{subnet.version}"
    known = neutron.find_subnet(name, network_id=found.id)
    if known is None:
        attributes: dict[str, object] = {
            "name": name,
            "network_id": found.id,
            "ip_version": subnet.version,
            "cidr": subnet.cidr,
            "is_dhcp_enabled": subnet.dhcp,
        }
        if subnet.gateway:
            attributes["gateway_ip"] = subnet.gateway
        if subnet.pool:
            start, end = subnet.pool
            attributes["allocation_pools"] = [{"start": start, "end": end}]
        if subnet.version == 6 and subnet.dhcp:
            attributes["ipv6_ra_mode"] = "slaac"
            attributes["ipv6_address_mode"] = "slaac"
        known = neutron.create_subnet(**attributes)
    return str(known.id)


def ensure_router(
    connection: Any,
    external: inventory_module.Network,
    inside: list[inventory_module.Network],
) -> Any:
    """Return the router, with its gateway and a leg in each network."""
    neutron = connection.network
    router = neutron.find_router(plan.ROUTER)
    if router is None:
        router = neutron.create_router(
            name=plan.ROUTER,
            external_gateway_info={"network_id": external.id},
        )
    elif not router.external_gateway_info:
        router = neutron.update_router(
            router, external_gateway_info={"network_id": external.id}
        )
    legs = {
        fixed["subnet_id"]
        for port in neutron.ports(device_id=router.id)
        for fixed in port.fixed_ips
    }
    for network in inside:
        for subnet in network.subnets.values():
            if subnet not in legs:
                neutron.add_interface_to_router(router, subnet)
    return router


def external_addresses(router: Any) -> dict[int, str]:
    """Return the router's addresses outside, by version of IP."""
    info = router.external_gateway_info or {}
    addresses = [
        ipaddress.ip_address(one["ip_address"])
        for one in info.get("external_fixed_ips", ())
    ]
    return {one.version: str(one) for one in addresses}


def ensure_group(connection: Any) -> str:
    """Return the id of the security group that instances are in."""
    neutron = connection.network
    group = neutron.find_security_group(plan.SECURITY_GROUP)
    if group is None:
        group = neutron.create_security_group(
            name=plan.SECURITY_GROUP,
            description=f"ping and TCP port {plan.OPEN_PORT} from everywhere",
        )
    wanted: list[dict[str, object]] = [
        {"ether_type": "IPv4", "protocol": "icmp"},
        {"ether_type": "IPv6", "protocol": "ipv6-icmp"},
    ]
    for version in ("IPv4", "IPv6"):
        wanted.append(
            {
                "ether_type": version,
                "protocol": "tcp",
                "port_range_min": plan.OPEN_PORT,
                "port_range_max": plan.OPEN_PORT,
            }
        )
    rules = list(neutron.security_group_rules(security_group_id=group.id))
    for attributes in wanted:
        if not any(
            rule.direction == "ingress"
            and all(getattr(rule, x) == y for x, y in attributes.items())
            for rule in rules
        ):
            neutron.create_security_group_rule(
                security_group_id=group.id, direction="ingress", **attributes
            )
    return str(group.id)
