# SPDX-License-Identifier: Apache-2.0
"""Reads from Neutron which networks are carried in tunnels, and where."""

from collections.abc import Callable

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import connection as sdk_connection
from openstack import exceptions as sdk_exceptions

from steth.model import overlay

_TUNNELS = frozenset({"vxlan", "gre", "geneve"})


def read(
    cloud: sdk_connection.Connection, note: Callable[[str], None]
) -> overlay.Overlay | None:
    """Return the tunnelled networks and the agents' tunnel endpoints.

    Only an administrator sees of which type a network is. ML2/OVN does not
    tell the endpoints.

    :param note: takes a remark for the user
    :returns: ``None`` when Neutron does not say
    """
    try:
        networks = tuple(
            overlay.TunnelledNetwork(
                name=one.name or one.id,
                kind=one.provider_network_type,
                mtu=one.mtu,
            )
            for one in cloud.network.networks()
            if one.provider_network_type in _TUNNELS and one.mtu
        )
        endpoints = frozenset(
            address
            for one in cloud.network.agents()
            if (address := (one.configuration or {}).get("tunneling_ip"))
        )
    except (
        sdk_exceptions.SDKException,
        ksa_exceptions.ClientException,
    ) as error:
        note(f"Neutron does not say which MTU its networks need: {error}")
        return None
    return overlay.Overlay(networks=networks, endpoints=endpoints)
