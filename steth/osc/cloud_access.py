# SPDX-License-Identifier: Apache-2.0
"""The cloud of the ``openstack`` command, where credentials are given.

Steth's commands need none, so OpenStackClient neither checks them nor makes
a connection.
"""

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import connection as sdk_connection
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions as osc_exceptions

from steth.cloud import hosts
from steth.cloud import overlay
from steth.cloud import provider
from steth.cloud import vlans
from steth.model import overlay as overlay_model
from steth.model import provider as provider_model

if TYPE_CHECKING:
    from osc_lib import shell

    from steth.controller import discovery

#: Types of authentication that know a service by its endpoint alone.
_WITHOUT_KEYSTONE = {"none", "admin_token", "http_basic"}


def source(
    app: "shell.OpenStackShell", timeout: float, note: Callable[[str], None]
) -> "discovery.Source | None":
    """Return what reads the cloud's hosts, ``None`` without credentials.

    :param timeout: seconds that one request to the cloud may take
    :param note: takes a remark for the user
    """
    return _reader(app, timeout, note, hosts.expected_hosts, "hosts")


def overlay_source(
    app: "shell.OpenStackShell", timeout: float, note: Callable[[str], None]
) -> "Callable[[], overlay_model.Overlay | None] | None":
    """Return what reads the cloud's tunnels, ``None`` without credentials.

    :param timeout: seconds that one request to the cloud may take
    :param note: takes a remark for the user
    """
    return _reader(app, timeout, note, overlay.read, "networks")


def vlans_source(
    app: "shell.OpenStackShell", timeout: float, note: Callable[[str], None]
) -> Callable[[], Mapping[str, str] | None] | None:
    """Return what reads the VLANs by physical network.

    :param timeout: seconds that one request to the cloud may take
    :param note: takes a remark for the user
    :returns: ``None`` without credentials
    """
    return _reader(app, timeout, note, vlans.read, "VLANs")


def provider_source(
    app: "shell.OpenStackShell", timeout: float, note: Callable[[str], None]
) -> Callable[[], tuple[provider_model.ProviderNetwork, ...] | None] | None:
    """Return what reads the networks on physical ones.

    :param timeout: seconds that one request to the cloud may take
    :param note: takes a remark for the user
    :returns: ``None`` without credentials
    """
    return _reader(app, timeout, note, provider.read, "networks")


_Found = TypeVar("_Found")


def _reader(
    app: "shell.OpenStackShell",
    timeout: float,
    note: Callable[[str], None],
    read: Callable[[Any, Callable[[str], None]], _Found],
    what: str,
) -> Callable[[], _Found] | None:
    if not _has_credentials(app.cloud.config):
        return None
    try:
        region = app.cloud_config.get_one(
            cloud=app.options.cloud, argparse=app.options, validate=True
        )
    except (
        ksa_exceptions.ClientException,
        osc_exceptions.CommandError,
        sdk_exceptions.SDKException,
    ) as error:
        note(f"the cloud is not asked for its {what}: {error}")
        return None
    region.config["api_timeout"] = timeout

    def ask() -> _Found:
        with sdk_connection.Connection(config=region) as cloud:
            return read(cloud, note)

    return ask


def _has_credentials(config: dict[str, Any]) -> bool:
    """Tell whether the cloud can be asked without asking the user."""
    # What comes from the command line or the environment is sorted into
    # "auth" only when it is validated.
    given = {**config, **(config.get("auth") or {})}
    kind = given.get("auth_type") or ""
    if kind in _WITHOUT_KEYSTONE:
        return bool(given.get("endpoint"))
    if not given.get("auth_url"):
        return False
    # What OpenStackClient would prompt for stays away: these commands work
    # without the cloud.
    return not kind.endswith("password") or bool(given.get("password"))
