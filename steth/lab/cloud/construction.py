# SPDX-License-Identifier: Apache-2.0
"""Building a cloud, and mending one of which parts are gone."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from concurrent import futures
import contextlib
import pathlib
import typing

from keystoneauth1 import exceptions
from openstack import exceptions as sdk_exceptions

from steth.lab import agents
from steth.lab import broker as broker_module
from steth.lab import configuration as base_configuration
from steth.lab import deadline
from steth.lab import errors
from steth.lab import layout as base
from steth.lab import namespace
from steth.lab import processes
from steth.lab import switch
from steth.lab import trunk
from steth.lab.cloud import configuration
from steth.lab.cloud import connection
from steth.lab.cloud import forking
from steth.lab.cloud import layout
from steth.lab.cloud import machine
from steth.lab.cloud import node
from steth.lab.cloud import outside
from steth.lab.cloud import programs
from steth.lab.cloud import roles
from steth.lab.cloud import state as state_module

_Inits = Mapping[str, processes.Process]
_Thing = typing.TypeVar("_Thing")

#: How many hosts are worked on at once.
_WORKERS = 8
_JOIN_TIMEOUT = 90.0
_AGENTS_TIMEOUT = 120.0

#: What answers about the agents.
_APIS = (programs.KEYSTONE, programs.NEUTRON_API)

#: The sign that a host has all its files.
_WRITTEN = "/run/steth/written"

#: What agents send to when they start: an answer that never comes costs each
#: a minute, so they are started when somebody listens.
_QUEUES = ("q-plugin", "q-l3-plugin", "q-reports-plugin")


class Builder:
    """Builds the parts of one cloud that are not there.

    :param notify: is told what is being done
    """

    def __init__(
        self,
        state: state_module.State,
        hosts: namespace.Hosts,
        notify: Callable[[str], None],
    ) -> None:
        self._state = state
        self._shape = state.shape
        self._hosts = hosts
        self._notify = notify
        self._agents = agents.Agents(hosts.mark)
        self._environment = pathlib.Path(state.prepared.environment)

    def missing(self, inits: _Inits) -> list[str]:
        """Return the hosts, the switch among them, that are not up."""
        wanted = [base.SWITCH]
        wanted += [one.name for one in layout.hosts(self._shape)]
        return [one for one in wanted if one not in inits]

    def is_whole(self, inits: _Inits) -> bool:
        """Return whether every part is there and at work."""
        return (
            not self.missing(inits)
            and self._ports() <= switch.devices(inits[base.SWITCH])
            and trunk.Trunk(inits, self._hosts.mark).is_running()
            and all(one.is_running() for one in self._nodes(inits))
            and self.broker(inits).is_listening()
            and not self.stopped(inits)
            and self._agents.are_listening(self.members(inits))
        )

    def _ports(self) -> set[str]:
        ports = {one.name for one in layout.trunk_ports(self._shape)}
        return ports | {
            host.port(network)
            for host in layout.hosts(self._shape)
            for network in host.networks
        }

    def stopped(self, inits: _Inits) -> dict[str, list[str]]:
        """Return the programs that should run and do not, by host."""
        alive = list(processes.all_processes())
        found = {}
        for host, role in self._roles():
            if host.name in inits:
                missing = self.machine(host.name, inits).missing(
                    role.programs, alive
                )
                if missing:
                    found[host.name] = [one.name for one in missing]
        return found

    def build(self) -> None:
        """Build what is missing and wait until all of it is at work.

        :raises errors.LabError: naming the part that does not come up
        """
        importable = [
            one
            for _, role in self._roles()
            for one in role.programs
            if one in programs.NEUTRON
        ]
        with forking.Nursery(
            self._environment, self._hosts.mark, importable
        ) as nursery:
            self._start_hosts()
            inits = self._hosts.running()
            self._write_files(inits)
            self._wire(inits)
            self._start_servers(inits, nursery)
            self._notify("starting the agents")
            for host, role in self._roles():
                self._start(host.name, inits, nursery, role.agents)
        self._agents.await_ready(self.members(inits))
        self.await_agents(inits)

    def _wire(self, inits: _Inits) -> None:
        """Join the hosts, and start the slow ones of the servers meanwhile."""
        switch.wire(
            inits,
            layout.hosts(self._shape),
            self._hosts.mark,
            layout.NETWORKS,
        )
        self._notify("starting the servers in host controller")
        self.broker(inits).start(self._state.broker_password)
        self.machine(layout.CONTROLLER, inits).start(programs.MARIADB)
        self._notify("wiring the hosts")
        trunk.Trunk(inits, self._hosts.mark).build(
            layout.trunk_ports(self._shape), layout.UPLINK_VLANS
        )
        outside.build(inits, self._hosts.mark)
        self.machine(layout.SERVER, inits).start(*roles.SERVER.servers)
        _each(self._nodes(inits), node.Node.build)

    def _start_servers(self, inits: _Inits, nursery: forking.Nursery) -> None:
        """Start them in their order; those that need the broker at last."""
        controller = self.machine(layout.CONTROLLER, inits)
        (role,) = (
            x for host, x in self._roles() if host.name == controller.name
        )
        for one in role.servers:
            if one not in programs.NEUTRON:
                controller.start(one)
                controller.await_ready(one)
        self._agents.start(self.members(inits))
        self.broker(inits).await_ready()
        self._start(controller.name, inits, nursery, role.servers)
        if programs.NEUTRON_RPC_SERVER in role.servers:
            self._notify("waiting for Neutron's server")
            self.broker(inits).await_queues(
                self._state.broker_password, _QUEUES, _JOIN_TIMEOUT
            )

    def _start(
        self,
        host: str,
        inits: _Inits,
        nursery: forking.Nursery,
        wanted: Iterable[programs.Program],
    ) -> None:
        """Start those of some programs that do not run in a host."""
        found = self.machine(host, inits)
        for one in found.missing(wanted, processes.all_processes()):
            if one in programs.NEUTRON:
                nursery.start(found, one)
            else:
                found.start(one)

    def _start_hosts(self) -> None:
        missing = self.missing(self._hosts.running())
        if missing:
            # One that was interrupted on its way up may hold a name.
            self._hosts.stop(set(missing))
            self._notify(f"starting {len(missing)} hosts")
            self._hosts.start(missing)

    def _write_files(self, inits: _Inits) -> None:
        """Write the files of each host that has none yet."""
        state = self._state
        members = layout.members(self._shape)
        etc_hosts = base_configuration.etc_hosts(members)
        htpasswd = base_configuration.htpasswd(state.direct_password)
        for host in layout.hosts(self._shape):
            role = roles.of(host, self._shape)
            one = self.machine(host.name, inits)
            if namespace.path(one.init, _WRITTEN).exists():
                continue
            subject = roles.Subject(
                host=host,
                shape=self._shape,
                secrets=state.prepared.secrets,
                broker_password=state.broker_password,
                environment=self._environment,
            )
            files = {"/etc/hosts": etc_hosts}
            if role:
                files |= {name: of(subject) for name, of in role.files.items()}
            one.write(files)
            if host in members:
                one.write(
                    {
                        base_configuration.HTPASSWD_FILE: htpasswd,
                        base_configuration.STETH_CONF: self._steth_conf(host),
                    },
                    0o600,
                )
            one.write({_WRITTEN: ""})

    def _steth_conf(self, host: base.Host) -> str:
        state = self._state
        if host.name != layout.CONTROLLER:
            return base_configuration.agent(host, state.broker_password)
        return base_configuration.both(
            host,
            configuration.inventory(self._shape),
            state.broker_password,
            state.direct_password,
        )

    def _roles(self) -> list[tuple[base.Host, roles.Role]]:
        found = [
            (one, roles.of(one, self._shape))
            for one in layout.hosts(self._shape)
        ]
        return [(host, role) for host, role in found if role]

    def _nodes(self, inits: _Inits) -> list[node.Node]:
        return [
            node.Node(one, self._shape, inits, self._hosts.mark)
            for one in layout.nodes(self._shape)
        ]

    def machine(self, host: str, inits: _Inits) -> machine.Machine:
        """Return a host as what runs programs.

        :raises errors.LabError: when it is down
        """
        if host not in inits:
            raise errors.LabError(
                f"host {host} is not running: repair the cloud with 'up'"
            )
        return machine.Machine(
            host,
            inits[host],
            self._hosts.mark,
            self._environment,
        )

    def members(self, inits: _Inits) -> dict[str, processes.Process]:
        """Return the hosts with a ``steth-agent`` that are up."""
        names = [one.name for one in layout.members(self._shape)]
        return {one: inits[one] for one in names if one in inits}

    def broker(self, inits: _Inits) -> broker_module.Broker:
        """Return the cloud's broker.

        :raises errors.LabError: when its host is down
        """
        controller = self.machine(layout.CONTROLLER, inits)
        return broker_module.Broker(controller.init, self._hosts.mark)

    def await_agents(self, inits: _Inits) -> None:
        """Wait until Neutron knows its agents, and the bus those of Steth.

        :raises errors.LabError: naming those that are not there
        """
        self._notify("waiting for the agents to report")
        wanted = {
            (host.name, one.name)
            for host, role in self._roles()
            for one in role.agents
            if one.is_agent
        }
        controller = self.machine(layout.CONTROLLER, inits)
        network = connection.connect(
            controller.init, self._state.prepared.secrets
        ).network
        missing = set(wanted)

        def settled() -> bool:
            if controller.missing(_APIS, processes.all_processes()):
                return True
            # One that just started, or just ended, answers with an error.
            with contextlib.suppress(
                exceptions.ClientException, sdk_exceptions.SDKException
            ):
                alive = [one for one in network.agents() if one.is_alive]
                missing.difference_update(
                    (one.host, one.binary) for one in alive
                )
            return not missing

        deadline.until(settled, _AGENTS_TIMEOUT)
        for one in controller.missing(_APIS, processes.all_processes()):
            raise controller.failure(one)
        if missing:
            names = ", ".join(" ".join(one) for one in sorted(missing))
            raise errors.LabError(
                f"Neutron does not know after {_AGENTS_TIMEOUT:.0f} s: "
                f"{names}; see /var/log/steth on these hosts"
            )
        self.broker(inits).await_consumers(
            self._state.broker_password,
            self.members(inits),
            _JOIN_TIMEOUT,
        )


def _each(things: Iterable[_Thing], do: Callable[[_Thing], object]) -> None:
    """Do something with each of some things, several at once."""
    with futures.ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(do, things))
