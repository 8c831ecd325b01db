# SPDX-License-Identifier: Apache-2.0

import types
from typing import Any
import unittest
from unittest import mock

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import exceptions as sdk_exceptions

from steth.cloud import hosts
from steth.model import inventory


def agent(host: str, *, admin_up: bool = True) -> Any:
    return types.SimpleNamespace(host=host, is_admin_state_up=admin_up)


def service(host: str, status: str = "enabled") -> Any:
    return types.SimpleNamespace(host=host, status=status)


def hypervisor(host: str, address: str) -> Any:
    return types.SimpleNamespace(
        service_details={"host": host}, host_ip=address
    )


class ExpectedHostsTestCase(unittest.TestCase):
    """Neutron's and Nova's hosts are expected, disabled ones are not."""

    def setUp(self) -> None:
        self.cloud = mock.Mock()
        self.cloud.network.agents.return_value = []
        self.cloud.compute.services.return_value = []
        self.cloud.compute.hypervisors.return_value = []
        self.cloud.config.config = {"auth": {"auth_url": "http://keystone"}}
        self.notes: list[str] = []

    def read(self) -> list[inventory.ExpectedHost]:
        return list(hosts.expected_hosts(self.cloud, self.notes.append))

    def test_neutron(self) -> None:
        self.cloud.network.agents.return_value = [
            agent("net1"),
            agent("away", admin_up=False),
            agent("net1"),
        ]
        self.assertEqual(
            [inventory.ExpectedHost(name="net1", sources=("neutron",))],
            self.read(),
        )

    def test_nova(self) -> None:
        self.cloud.compute.services.return_value = [
            service("compute1"),
            service("compute2"),
            service("away", "disabled"),
        ]
        self.cloud.compute.hypervisors.return_value = [
            hypervisor("compute1", "192.0.2.1")
        ]
        self.assertEqual(
            [
                inventory.ExpectedHost(
                    name="compute1", address="192.0.2.1", sources=("nova",)
                ),
                inventory.ExpectedHost(name="compute2", sources=("nova",)),
            ],
            self.read(),
        )

    def test_one_service_fails(self) -> None:
        self.cloud.network.agents.side_effect = (
            sdk_exceptions.ForbiddenException(
                "403",
                response=mock.Mock(status_code=403),
                details="disallowed by policy",
            )
        )
        self.cloud.compute.services.return_value = [service("compute1")]
        self.assertEqual(["compute1"], [one.name for one in self.read()])
        self.assertEqual(
            [
                "Neutron does not say which hosts should have an agent: "
                "disallowed by policy (HTTP 403)"
            ],
            self.notes,
        )

    def test_one_service_is_not_there(self) -> None:
        self.cloud.compute.hypervisors.side_effect = (
            ksa_exceptions.EndpointNotFound
        )
        self.cloud.network.agents.return_value = [agent("net1")]
        self.assertEqual(["net1"], [one.name for one in self.read()])
        self.assertEqual([], self.notes)

    def test_no_connection(self) -> None:
        self.cloud.session.get_auth_headers.side_effect = (
            ksa_exceptions.ConnectFailure("a long story")
        )
        with self.assertRaisesRegex(
            hosts.CloudError, "^Keystone does not answer at http://keystone$"
        ):
            self.read()

    def test_not_let_in(self) -> None:
        self.cloud.session.get_auth_headers.side_effect = (
            ksa_exceptions.Unauthorized("wrong password\nand more")
        )
        with self.assertRaisesRegex(hosts.CloudError, "^wrong password"):
            self.read()
