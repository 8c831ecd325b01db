# SPDX-License-Identifier: Apache-2.0
"""Reads Neutron's networks on physical ones: gateways, DHCP servers."""

from collections.abc import Callable

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import connection as sdk_connection
from openstack import exceptions as sdk_exceptions

from steth.model import provider


def read(
    cloud: sdk_connection.Connection, note: Callable[[str], None]
) -> tuple[provider.ProviderNetwork, ...] | None:
    """Return the flat and VLAN networks; only an administrator sees them.

    :param note: takes a remark for the user
    :returns: ``None`` when Neutron does not say
    """
    gateways: dict[str, list[str]] = {}
    servers: dict[str, list[str]] = {}
    try:
        networks = [
            one
            for kind in ("flat", "vlan")
            for one in cloud.network.networks(provider_network_type=kind)
        ]
        if networks:
            for subnet in cloud.network.subnets():
                if subnet.gateway_ip:
                    gateways.setdefault(subnet.network_id, []).append(
                        subnet.gateway_ip
                    )
            for port in cloud.network.ports(device_owner="network:dhcp"):
                servers.setdefault(port.network_id, []).extend(
                    one["ip_address"] for one in port.fixed_ips
                )
    except (
        sdk_exceptions.SDKException,
        ksa_exceptions.ClientException,
    ) as error:
        note(f"Neutron does not say what its networks are: {error}")
        return None
    return tuple(
        provider.ProviderNetwork(
            name=one.name or one.id,
            physical_network=one.provider_physical_network,
            vlan=one.provider_segmentation_id or 0,
            external=bool(one.is_router_external),
            gateways=tuple(gateways.get(one.id, ())),
            dhcp_servers=tuple(servers.get(one.id, ())),
        )
        for one in sorted(networks, key=lambda one: (one.name or "", one.id))
    )
