# SPDX-License-Identifier: Apache-2.0
"""The services of a cloud: which there are, and how each is started."""

from collections.abc import Mapping
import pathlib

import msgspec

from steth.lab import commands
from steth.lab.cloud import configuration

#: What they and their helpers run.
TOOLS = (
    "arping",
    "busybox",
    "conntrack",
    "dnsmasq",
    "haproxy",
    "ipset",
    "iptables-restore",
    "mariadb",
    "mariadb-install-db",
    "mariadbd",
    "ovs-vsctl",
    "radvd",
)


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A service; ``{bin}`` in its arguments is where Neutron's programs are.

    ``is_agent`` tells whether Neutron lists it among its agents,
    ``contexts`` which of its privileged daemons it does without a copy of its
    own threads, see ``nursery``.
    """

    name: str
    argv: tuple[str, ...]
    is_agent: bool = False
    contexts: tuple[str, ...] = ()

    def command(self, environment: pathlib.Path) -> list[str]:
        """Return its command line."""
        programs = str(environment / "bin")
        return [one.replace("{bin}", programs) for one in self.argv]


def variables(environment: pathlib.Path) -> Mapping[str, str]:
    """Return what programs of the Python environment find theirs by."""
    return {"PATH": f"{environment / 'bin'}:{commands.PATH}"}


def _wsgi(name: str, port: int, module: str) -> Program:
    return Program(
        name=name,
        argv=(
            "{bin}/uwsgi",
            f"--http-socket={configuration.address()}:{port}",
            f"--module={module}",
            "--add-header=Connection: close",
            "--die-on-term",
            "--disable-logging",
            "--enable-threads",
            "--lazy-apps",
            "--need-app",
            "--single-interpreter",
        ),
    )


def _agent(name: str, *files: str, contexts: tuple[str, ...] = ()) -> Program:
    return Program(
        name=name,
        argv=_configured(name, *files),
        is_agent=True,
        contexts=contexts,
    )


def _configured(name: str, *files: str) -> tuple[str, ...]:
    used = (configuration.NEUTRON_CONF, *files)
    return (f"{{bin}}/{name}", *(f"--config-file={one}" for one in used))


MARIADB = Program(
    name="mariadb",
    argv=("mariadbd", f"--defaults-file={configuration.DATABASE_CONF}"),
)
KEYSTONE = _wsgi(
    "keystone",
    configuration.KEYSTONE_PORT,
    "keystone.wsgi.api:application",
)
NEUTRON_API = _wsgi(
    "neutron-api", configuration.NEUTRON_PORT, "neutron.wsgi.api:application"
)
NEUTRON_RPC_SERVER = Program(
    name="neutron-rpc-server",
    argv=_configured("neutron-rpc-server", configuration.ML2_CONF),
)
OPENVSWITCH_AGENT = _agent(
    "neutron-openvswitch-agent",
    configuration.OPENVSWITCH_AGENT_CONF,
    contexts=(
        "neutron.privileged:default",
        "neutron.privileged:ovs_vsctl_cmd",
    ),
)
DHCP_AGENT = _agent("neutron-dhcp-agent", configuration.DHCP_AGENT_CONF)
L3_AGENT = _agent("neutron-l3-agent", configuration.L3_AGENT_CONF)
METADATA_AGENT = _agent(
    "neutron-metadata-agent", configuration.METADATA_AGENT_CONF
)
#: What can start from what has imported it.
NEUTRON = (
    NEUTRON_RPC_SERVER,
    OPENVSWITCH_AGENT,
    DHCP_AGENT,
    L3_AGENT,
    METADATA_AGENT,
)

#: What the server outside has to say.
WEB_PAGE = "/var/www/steth/index.html"
WEB_SERVER = Program(
    name="httpd",
    argv=(
        *("busybox", "httpd", "-f", "-p", "80"),
        *("-h", WEB_PAGE.rpartition("/")[0]),
    ),
)
