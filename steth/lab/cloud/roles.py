# SPDX-License-Identifier: Apache-2.0
"""What a host of a cloud does: its programs, and the files they read.

A new role is a ``Role`` here, a host in the layout that has it, and the text
of what its programs read in the configuration.
"""

from collections.abc import Callable
import pathlib

import msgspec

from steth.lab import layout as base
from steth.lab.cloud import configuration
from steth.lab.cloud import layout
from steth.lab.cloud import programs


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration file is about.

    :param environment: the Python environment that Neutron is in
    """

    host: base.Host
    shape: layout.Shape
    secrets: configuration.Secrets
    broker_password: str
    environment: pathlib.Path


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of host: ``servers`` start first, and ``agents`` need them.

    ``files`` has what returns the text of each file.
    """

    servers: tuple[programs.Program, ...] = ()
    agents: tuple[programs.Program, ...] = ()
    files: dict[str, Callable[[Subject], str]]

    @property
    def programs(self) -> tuple[programs.Program, ...]:
        """All that it runs."""
        return self.servers + self.agents


def _neutron(subject: Subject) -> str:
    return configuration.neutron(
        subject.host,
        subject.shape,
        subject.secrets,
        subject.broker_password,
        subject.environment,
    )


def _openvswitch_agent(subject: Subject) -> str:
    return configuration.openvswitch_agent(subject.host, subject.shape)


CONTROLLER = Role(
    servers=(
        programs.MARIADB,
        programs.KEYSTONE,
        programs.NEUTRON_API,
        programs.NEUTRON_RPC_SERVER,
    ),
    files={
        configuration.DATABASE_CONF: lambda _: configuration.mariadb(),
        configuration.KEYSTONE_CONF: lambda one: configuration.keystone(
            one.secrets
        ),
        configuration.NEUTRON_CONF: _neutron,
        configuration.ML2_CONF: lambda one: configuration.ml2(one.shape),
        configuration.CLOUDS_YAML: lambda one: configuration.clouds_yaml(
            one.secrets
        ),
        configuration.OPENRC: lambda one: configuration.openrc(one.secrets),
    },
)
_ROUTER_FILES: dict[str, Callable[[Subject], str]] = {
    configuration.L3_AGENT_CONF: lambda one: configuration.l3_agent(
        one.host, one.shape
    ),
    configuration.METADATA_AGENT_CONF: lambda one: (
        configuration.metadata_agent(one.secrets)
    ),
}
NETWORK = Role(
    agents=(
        programs.OPENVSWITCH_AGENT,
        programs.DHCP_AGENT,
        programs.L3_AGENT,
        programs.METADATA_AGENT,
    ),
    files={
        configuration.NEUTRON_CONF: _neutron,
        configuration.OPENVSWITCH_AGENT_CONF: _openvswitch_agent,
        configuration.DHCP_AGENT_CONF: lambda _: configuration.dhcp_agent(),
        **_ROUTER_FILES,
    },
)
COMPUTE = Role(
    agents=(programs.OPENVSWITCH_AGENT,),
    files={
        configuration.NEUTRON_CONF: _neutron,
        configuration.OPENVSWITCH_AGENT_CONF: _openvswitch_agent,
    },
)
#: A compute that routes for its own instances.
ROUTING_COMPUTE = Role(
    agents=(
        *COMPUTE.agents,
        programs.L3_AGENT,
        programs.METADATA_AGENT,
    ),
    files=COMPUTE.files | _ROUTER_FILES,
)
OVN_CONTROLLER = Role(
    servers=(
        programs.OVN_NORTHBOUND,
        programs.OVN_SOUTHBOUND,
        programs.OVN_NORTHD,
        programs.MARIADB,
        programs.KEYSTONE,
        programs.NEUTRON_API,
    ),
    files=CONTROLLER.files,
)
#: Where packets of instances without a floating IP leave the cloud.
OVN_GATEWAY = Role(agents=(programs.OVN_CONTROLLER,), files={})
OVN_COMPUTE = Role(
    agents=(programs.OVN_CONTROLLER, programs.OVN_METADATA_AGENT),
    files={
        configuration.NEUTRON_CONF: _neutron,
        configuration.OVN_METADATA_AGENT_CONF: lambda one: (
            configuration.ovn_metadata_agent(one.secrets)
        ),
    },
)
SERVER = Role(
    servers=(programs.WEB_SERVER,),
    files={programs.WEB_PAGE: lambda one: f"{one.host.name}\n"},
)


def of(host: base.Host, shape: layout.Shape) -> Role | None:
    """Return what a host does, ``None`` where it only forwards packets."""
    if shape.mechanism is layout.Mechanism.OVN:
        controller, network, compute = OVN_CONTROLLER, OVN_GATEWAY, OVN_COMPUTE
    else:
        controller, network = CONTROLLER, NETWORK
        compute = ROUTING_COMPUTE if shape.dvr else COMPUTE
    return {
        layout.CONTROLLER: controller,
        layout.NETWORK_NODE: network,
        layout.SERVER: SERVER,
        layout.GATEWAY: None,
    }.get(host.name, compute)
