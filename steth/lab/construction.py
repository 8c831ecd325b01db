# SPDX-License-Identifier: Apache-2.0
"""Building a lab, and mending one of which parts are gone."""

from collections.abc import Callable
from collections.abc import Mapping

from steth.lab import agents
from steth.lab import broker
from steth.lab import certificates
from steth.lab import configuration
from steth.lab import errors
from steth.lab import layout
from steth.lab import namespace
from steth.lab import processes
from steth.lab import state as state_module
from steth.lab import switch
from steth.lab import trunk

_Inits = Mapping[str, processes.Process]

_JOIN_TIMEOUT = 60.0
_JOIN_TIMEOUT_EACH = 1.0


class Builder:
    """Builds the parts of one lab that are not there.

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

    def missing(self, inits: _Inits) -> list[str]:
        """Return the hosts, the switch among them, that are not up."""
        wanted = [layout.SWITCH]
        wanted += [one.name for one in layout.hosts(self._shape)]
        return [one for one in wanted if one not in inits]

    def is_whole(self, inits: _Inits) -> bool:
        """Return whether every part is there and at work."""
        if self.missing(inits):
            return False
        ports = {
            host.port(network)
            for host in layout.hosts(self._shape)
            for network in host.networks
        }
        if not ports <= switch.devices(inits[layout.SWITCH]):
            return False
        if self._shape.broker and not self.broker(inits).is_listening():
            return False
        if self._shape.trunk and not self._trunk_is_whole(inits):
            return False
        return not self._shape.agents or self._agents.are_listening(
            self.computes(inits)
        )

    def _trunk_is_whole(self, inits: _Inits) -> bool:
        ports = {one.trunk_port for one in layout.computes(self._shape)}
        return (
            ports <= switch.devices(inits[layout.SWITCH])
            and trunk.Trunk(inits, self._hosts.mark).is_running()
        )

    def build(self) -> None:
        """Build what is missing and wait until all of it is at work.

        :raises errors.LabError: naming the part that does not come up
        """
        self._start_hosts()
        inits = self._hosts.running()
        self._write_files(inits)
        switch.wire(inits, layout.hosts(self._shape), self._hosts.mark)
        if self._shape.trunk:
            self._notify("starting the switches of the trunk")
            trunk.Trunk(inits, self._hosts.mark).build(
                one.trunk for one in layout.computes(self._shape)
            )
        if self._shape.broker:
            self._notify("starting the broker in host controller")
            self.broker(inits).start(self._state.broker_password)
        if self._shape.agents:
            computes = self.computes(inits)
            self._notify(f"starting {_counted(len(computes), 'agent')}")
            self._agents.start(computes)
            self._agents.await_ready(computes)
        if self._shape.broker:
            self.broker(inits).await_ready()
            self.await_bus(inits)

    def _start_hosts(self) -> None:
        missing = self.missing(self._hosts.running())
        if missing:
            # One that was interrupted on its way up may hold a name.
            self._hosts.stop(set(missing))
            self._notify(f"starting {_counted(len(missing), 'namespace')}")
            self._hosts.start(missing)

    def _write_files(self, inits: _Inits) -> None:
        """Write the files of each host that has none yet.

        steth.conf comes last, as the sign that all are there.
        """
        etc_hosts = configuration.etc_hosts(layout.hosts(self._shape))
        htpasswd = configuration.htpasswd(self._state.direct_password)
        for host in layout.hosts(self._shape):
            init = inits[host.name]
            if namespace.path(init, configuration.STETH_CONF).exists():
                continue
            namespace.write(init, "/etc/hosts", etc_hosts)
            files = {configuration.HTPASSWD_FILE: htpasswd}
            if self._state.authority:
                pair = certificates.issue(self._state.authority, host)
                files |= {
                    configuration.CA_FILE: self._state.authority.certificate,
                    configuration.CERTIFICATE_FILE: pair.certificate,
                    configuration.KEY_FILE: pair.key,
                }
            files[configuration.STETH_CONF] = self._steth_conf(host)
            for name, content in files.items():
                namespace.write(init, name, content, 0o600)

    def _steth_conf(self, host: layout.Host) -> str:
        password = self._state.broker_password if self._shape.broker else None
        if host.name == layout.CONTROLLER:
            return configuration.controller(
                configuration.inventory(self._shape),
                password,
                self._state.direct_password,
                tls=self._shape.tls,
            )
        return configuration.agent(host, password, tls=self._shape.tls)

    def broker(self, inits: _Inits) -> broker.Broker:
        """Return the lab's broker.

        :raises errors.LabError: when it has none, or its host is down
        """
        if not self._shape.broker:
            raise errors.LabError(
                "this lab has no broker: remove it with 'down' and start "
                "one with 'up --broker'"
            )
        if layout.CONTROLLER not in inits:
            raise errors.LabError(
                "host controller is not running: repair the lab with 'up'"
            )
        return broker.Broker(inits[layout.CONTROLLER], self._hosts.mark)

    def computes(self, inits: _Inits) -> dict[str, processes.Process]:
        """Return the hosts with an agent that are up."""
        names = [one.name for one in layout.computes(self._shape)]
        return {one: inits[one] for one in names if one in inits}

    def await_bus(self, inits: _Inits) -> None:
        """Wait until the agents that should be are on the bus.

        Those of hosts with a fault are not waited for, nor any while the
        broker is down.

        :raises errors.LabError: naming those that are not
        """
        if not self._shape.broker or not self.broker(inits).is_listening():
            return
        faulty = {one for found in self._state.faults for one in found.hosts}
        conditions = self._agents.conditions(self.computes(inits))
        waiting = [
            host
            for host, condition in conditions.items()
            if condition is agents.Condition.LISTENING and host not in faulty
        ]
        if waiting:
            self._notify("waiting for the agents to join the bus")
            self.broker(inits).await_consumers(
                self._state.broker_password,
                waiting,
                _JOIN_TIMEOUT + _JOIN_TIMEOUT_EACH * len(waiting),
            )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("s" if count != 1 else "")
