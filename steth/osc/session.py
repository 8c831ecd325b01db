# SPDX-License-Identifier: Apache-2.0
"""What every command that asks agents sets up first."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import logging
from typing import TYPE_CHECKING

from osc_lib import exceptions as osc_exceptions
from oslo_config import cfg

from steth.conf import load
from steth.controller import errors as controller_errors
from steth.controller import fleet as fleet_module
from steth.model import overlay as overlay_model
from steth.model import provider as provider_model
from steth.osc import cloud_access
from steth.rpc import bus

if TYPE_CHECKING:
    from osc_lib import shell

#: Libraries whose warnings an operator can do nothing about: what matters of
#: them is in the report. (The logger "openstack" is the command's own.)
_LIBRARIES = (
    "amqp",
    "eventlet",
    "keystoneauth",
    "kombu",
    "oslo.messaging",
    "oslo.service",
    "oslo_messaging",
    "oslo_service",
    "stevedore",
    "urllib3",
)


def configuration(app: "shell.OpenStackShell") -> cfg.ConfigOpts:
    """Return the checked configuration.

    :raises osc_exceptions.CommandError: naming file, section and option
    """
    file = app.options.steth_config_file
    bus.register(cfg.CONF)
    try:
        return load.load([file] if file else None, libraries=bus.options())
    except load.ConfigError as error:
        raise osc_exceptions.CommandError(str(error)) from None


def mute_libraries(app: "shell.OpenStackShell") -> None:
    """Keep the libraries' own messages off the screen, unless debugging."""
    if app.options.debug:
        return
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextlib.contextmanager
def fleet(
    app: "shell.OpenStackShell",
    conf: cfg.ConfigOpts,
    *,
    notes: list[str],
    hosts: Sequence[str] = (),
    transport: str | None = None,
    timeout: float | None = None,
) -> Iterator[fleet_module.Fleet]:
    """Find the agents, for as long as the context lasts.

    :param notes: remarks on the run are appended to it
    :raises osc_exceptions.CommandError: when nobody can be asked
    """
    mute_libraries(app)
    cloud = None
    if conf.controller.use_cloud:
        cloud = cloud_access.source(
            app, timeout or conf.controller.timeout, notes.append
        )
    try:
        with fleet_module.open(
            conf,
            cloud=cloud,
            transport=transport,
            hosts=hosts,
            timeout=timeout,
            note=notes.append,
        ) as opened:
            yield opened
    except controller_errors.ControllerError as error:
        raise osc_exceptions.CommandError(str(error)) from None


def overlay(
    app: "shell.OpenStackShell",
    conf: cfg.ConfigOpts,
    *,
    notes: list[str],
    timeout: float | None = None,
) -> Callable[[], overlay_model.Overlay | None] | None:
    """Return what reads the cloud's tunnels, ``None`` without a cloud.

    :param notes: remarks on the run are appended to it
    """
    if not conf.controller.use_cloud:
        return None
    return cloud_access.overlay_source(
        app, timeout or conf.controller.timeout, notes.append
    )


def vlans(
    app: "shell.OpenStackShell",
    conf: cfg.ConfigOpts,
    *,
    notes: list[str],
    timeout: float | None = None,
) -> Callable[[], Mapping[str, str] | None] | None:
    """Return what reads the cloud's VLANs, ``None`` without a cloud.

    :param notes: remarks on the run are appended to it
    """
    if not conf.controller.use_cloud:
        return None
    return cloud_access.vlans_source(
        app, timeout or conf.controller.timeout, notes.append
    )


def provider(
    app: "shell.OpenStackShell",
    conf: cfg.ConfigOpts,
    *,
    notes: list[str],
    timeout: float | None = None,
) -> Callable[[], tuple[provider_model.ProviderNetwork, ...] | None] | None:
    """Return what reads the cloud's networks on physical ones.

    :param notes: remarks on the run are appended to it
    :returns: ``None`` without a cloud
    """
    if not conf.controller.use_cloud:
        return None
    return cloud_access.provider_source(
        app, timeout or conf.controller.timeout, notes.append
    )
