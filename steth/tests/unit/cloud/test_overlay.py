# SPDX-License-Identifier: Apache-2.0

import types
from typing import Any
import unittest
from unittest import mock

from openstack import exceptions as sdk_exceptions

from steth.cloud import overlay
from steth.model import overlay as overlay_model


def _network(kind: str | None, mtu: int | None, name: str = "web") -> Any:
    return types.SimpleNamespace(
        id="0001", name=name, provider_network_type=kind, mtu=mtu
    )


class OverlayTestCase(unittest.TestCase):
    """Tunnelled networks and endpoints are read, nothing else."""

    def setUp(self) -> None:
        self.cloud = mock.Mock()
        self.cloud.network.networks.return_value = [
            _network("vxlan", 1450),
            _network("geneve", 1442, name=""),
            _network("vlan", 1500),
            _network("flat", 1500),
            # What one who is no administrator sees.
            _network(None, 1450),
            _network("gre", None),
        ]
        self.cloud.network.agents.return_value = [
            types.SimpleNamespace(configuration={"tunneling_ip": "10.0.1.1"}),
            types.SimpleNamespace(configuration={}),
            types.SimpleNamespace(configuration=None),
        ]
        self.notes: list[str] = []

    def test_read(self) -> None:
        self.assertEqual(
            overlay_model.Overlay(
                networks=(
                    overlay_model.TunnelledNetwork(
                        name="web", kind="vxlan", mtu=1450
                    ),
                    overlay_model.TunnelledNetwork(
                        name="0001", kind="geneve", mtu=1442
                    ),
                ),
                endpoints=frozenset({"10.0.1.1"}),
            ),
            overlay.read(self.cloud, self.notes.append),
        )
        self.assertEqual([], self.notes)

    def test_neutron_fails(self) -> None:
        self.cloud.network.networks.side_effect = (
            sdk_exceptions.ForbiddenException("not you")
        )
        self.assertIsNone(overlay.read(self.cloud, self.notes.append))
        self.assertIn("not you", self.notes[0])
