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

#: What OVN takes besides.
OVN_TOOLS = ("ovn-controller", "ovn-northd")


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A service; ``{bin}`` in its arguments is where Neutron's programs are.

    ``is_agent`` tells whether Neutron lists it among its agents, by the same
    name; ``contexts`` which of its privileged daemons need not import what it
    has imported, see ``nursery``; ``ready`` is a file that it makes when it
    can be used.
    """

    name: str
    argv: tuple[str, ...]
    is_agent: bool = False
    contexts: tuple[str, ...] = ()
    ready: str | None = None

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
    ready=configuration.DATABASE_SOCKET,
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
OVN_METADATA_AGENT = _agent(
    "neutron-ovn-metadata-agent", configuration.OVN_METADATA_AGENT_CONF
)


# A database that is there is whole: it gets its name last.
_OVN_DATABASE = """\
mkdir -p /run/ovn /var/lib/ovn
test -e "$1" || {
    rm -f "$1.new"
    ovsdb-tool create "$1.new" "$2"
    mv "$1.new" "$1"
}
rm -f "$3.sock"
exec ovsdb-server "$1" "--remote=punix:$3.sock" "--remote=ptcp:$4" \
    "--unixctl=$3.ctl" "--pidfile=$3.pid"
"""
_OVN_DAEMON = 'mkdir -p /run/ovn; exec "$@" --pidfile'


def _ovn_database(letter: str, port: int) -> Program:
    name = f"ovn{letter}b_db"
    return Program(
        name=f"ovn-{letter}b-ovsdb",
        argv=(
            *("sh", "-e", "-c", _OVN_DATABASE, "sh"),
            f"/var/lib/ovn/{name}.db",
            f"/usr/share/ovn/ovn-{letter}b.ovsschema",
            f"/run/ovn/{name}",
            f"{port}:{configuration.address()}",
        ),
        ready=f"/run/ovn/{name}.sock",
    )


def _ovn_daemon(name: str, *, is_agent: bool = False) -> Program:
    return Program(
        name=name,
        argv=("sh", "-e", "-c", _OVN_DAEMON, "sh", name),
        is_agent=is_agent,
    )


OVN_NORTHBOUND = _ovn_database("n", configuration.OVN_NORTHBOUND_PORT)
OVN_SOUTHBOUND = _ovn_database("s", configuration.OVN_SOUTHBOUND_PORT)
OVN_NORTHD = _ovn_daemon("ovn-northd")
OVN_CONTROLLER = _ovn_daemon("ovn-controller", is_agent=True)

#: What can start from what has imported it.
NEUTRON = (
    NEUTRON_RPC_SERVER,
    OPENVSWITCH_AGENT,
    DHCP_AGENT,
    L3_AGENT,
    METADATA_AGENT,
    OVN_METADATA_AGENT,
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
