# SPDX-License-Identifier: Apache-2.0

import types
from typing import Any
import unittest
from unittest import mock

from openstack import exceptions as sdk_exceptions

from steth.cloud import vlans


def _network(physical_network: str, number: int | None) -> Any:
    return types.SimpleNamespace(
        provider_physical_network=physical_network,
        provider_segmentation_id=number,
    )


def _range(kind: str, minimum: int, maximum: int) -> Any:
    return types.SimpleNamespace(
        network_type=kind,
        physical_network="physnet1" if kind == "vlan" else None,
        minimum=minimum,
        maximum=maximum,
    )


class VlansTestCase(unittest.TestCase):
    """Networks and segment ranges, by physical network."""

    def setUp(self) -> None:
        self.cloud = mock.Mock()
        self.cloud.network.networks.return_value = [
            _network("physnet1", 300),
            _network("physnet2", 7),
            _network("physnet2", None),
        ]
        self.cloud.network.network_segment_ranges.return_value = [
            _range("vlan", 100, 199),
            _range("vxlan", 1, 1000),
        ]
        self.notes: list[str] = []

    def test_read(self) -> None:
        self.assertEqual(
            {"physnet1": "100-199,300", "physnet2": "7"},
            vlans.read(self.cloud, self.notes.append),
        )
        self.cloud.network.networks.assert_called_once_with(
            provider_network_type="vlan"
        )

    def test_no_segment_ranges(self) -> None:
        self.cloud.network.network_segment_ranges.side_effect = (
            sdk_exceptions.NotFoundException("no such resource")
        )
        self.assertEqual(
            {"physnet1": "300", "physnet2": "7"},
            vlans.read(self.cloud, self.notes.append),
        )
        self.assertEqual([], self.notes)

    def test_neutron_fails(self) -> None:
        self.cloud.network.networks.side_effect = (
            sdk_exceptions.ForbiddenException("not you")
        )
        self.assertIsNone(vlans.read(self.cloud, self.notes.append))
        self.assertIn("which VLANs", self.notes[0])
