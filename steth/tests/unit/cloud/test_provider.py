# SPDX-License-Identifier: Apache-2.0

import types
from typing import Any
import unittest
from unittest import mock

from openstack import exceptions as sdk_exceptions

from steth.cloud import provider
from steth.model import provider as model


def _network(name: str, vlan: int | None, external: bool) -> Any:
    return types.SimpleNamespace(
        id=f"id-{name}",
        name=name,
        provider_physical_network="physnet1",
        provider_segmentation_id=vlan,
        is_router_external=external,
    )


class ProviderTestCase(unittest.TestCase):
    """Flat and VLAN networks, with what answers on them."""

    def setUp(self) -> None:
        self.cloud = mock.Mock()
        networks = {
            "flat": [_network("public", None, True)],
            "vlan": [_network("lab", 100, False)],
        }
        self.cloud.network.networks.side_effect = (
            lambda provider_network_type: networks[provider_network_type]
        )
        self.cloud.network.subnets.return_value = [
            types.SimpleNamespace(network_id=network, gateway_ip=gateway)
            for network, gateway in (
                ("id-public", "203.0.113.1"),
                ("id-public", "2001:db8::1"),
                ("id-lab", None),
                ("id-tenant", "10.0.0.1"),
            )
        ]
        self.cloud.network.ports.return_value = [
            types.SimpleNamespace(
                network_id="id-lab",
                fixed_ips=[{"ip_address": "10.1.0.2"}],
            )
        ]
        self.notes: list[str] = []

    def test_read(self) -> None:
        self.assertEqual(
            (
                model.ProviderNetwork(
                    name="lab",
                    physical_network="physnet1",
                    vlan=100,
                    dhcp_servers=("10.1.0.2",),
                ),
                model.ProviderNetwork(
                    name="public",
                    physical_network="physnet1",
                    external=True,
                    gateways=("203.0.113.1", "2001:db8::1"),
                ),
            ),
            provider.read(self.cloud, self.notes.append),
        )

    def test_neutron_does_not_say(self) -> None:
        self.cloud.network.networks.side_effect = sdk_exceptions.HttpException(
            "no"
        )
        self.assertIsNone(provider.read(self.cloud, self.notes.append))
        self.assertEqual(1, len(self.notes))
