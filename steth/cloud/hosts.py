# SPDX-License-Identifier: Apache-2.0
"""Reads from Neutron and Nova which hosts should run an agent."""

from collections.abc import Callable
from collections.abc import Iterator
import logging

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import connection as sdk_connection
from openstack import exceptions as sdk_exceptions

from steth.model import inventory

LOG = logging.getLogger(__name__)

_NO_SUCH_SERVICE = (
    ksa_exceptions.CatalogException,
    sdk_exceptions.ServiceDisabledException,
)


class CloudError(Exception):
    """The cloud cannot be asked; says why."""


def expected_hosts(
    cloud: sdk_connection.Connection, note: Callable[[str], None]
) -> tuple[inventory.ExpectedHost, ...]:
    """Return the hosts of Neutron's agents and Nova's compute services.

    What an administrator has disabled is not expected: it is away on
    purpose. A service that the cloud does not have is passed over; one that
    fails becomes a note, and the other still counts.

    :param note: takes a remark for the user
    :raises CloudError: when the cloud does not let us in
    """
    try:
        cloud.session.get_auth_headers()
    except ksa_exceptions.ConnectFailure:
        where = cloud.config.config.get("auth", {}).get("auth_url")
        raise CloudError(f"Keystone does not answer at {where}") from None
    except ksa_exceptions.ClientException as error:
        raise CloudError(_first_line(error)) from None
    hosts: list[inventory.ExpectedHost] = []
    for name, read in (("Neutron", _neutron_hosts), ("Nova", _nova_hosts)):
        try:
            hosts += read(cloud)
        except _NO_SUCH_SERVICE:
            LOG.debug("this cloud has no %s", name)
        except (
            sdk_exceptions.SDKException,
            ksa_exceptions.ClientException,
        ) as error:
            note(
                f"{name} does not say which hosts should have an agent: "
                f"{_first_line(error)}"
            )
    return tuple(hosts)


def _first_line(error: Exception) -> str:
    if isinstance(error, sdk_exceptions.HttpException) and error.details:
        return f"{error.details} (HTTP {error.status_code})"
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _neutron_hosts(
    cloud: sdk_connection.Connection,
) -> Iterator[inventory.ExpectedHost]:
    seen = set()
    for agent in cloud.network.agents():
        if agent.is_admin_state_up and agent.host not in seen:
            seen.add(agent.host)
            yield inventory.ExpectedHost(name=agent.host, sources=("neutron",))


def _nova_hosts(
    cloud: sdk_connection.Connection,
) -> Iterator[inventory.ExpectedHost]:
    addresses = {
        (one.service_details or {}).get("host"): one.host_ip
        for one in cloud.compute.hypervisors(details=True)
    }
    for service in cloud.compute.services(binary="nova-compute"):
        if service.status == "enabled":
            yield inventory.ExpectedHost(
                name=service.host,
                address=addresses.get(service.host),
                sources=("nova",),
            )
