# SPDX-License-Identifier: Apache-2.0
"""One service of a host that is ended and started again, as faults do."""

from collections.abc import Mapping

from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import layout
from steth.lab.cloud import machine as machine_module
from steth.lab.cloud import node
from steth.lab.cloud import programs as programs_module
from steth.lab.cloud import roles

#: The service of a node that is started with its bridges and addresses.
VSWITCHD = "ovs-vswitchd"
#: Says that a Neutron agent has been once through all that it looks after,
#: and once more through what came meanwhile.
_AT_REST = "Agent rpc_loop - iteration:1 completed"
#: Seconds until then on a machine that has much else to do: the agent is not
#: forked from one that has imported all of Neutron.
_REST_TIMEOUT = 180.0


class Service:
    """A service of one host, by its name.

    :param machine: the host
    :param inits: the first process of each host, by name
    """

    def __init__(
        self,
        machine: machine_module.Machine,
        shape: layout.Shape,
        inits: Mapping[str, processes.Process],
        name: str,
    ) -> None:
        self._shape = shape
        self._inits = inits
        self._machine = machine
        self._name = name

    def kill(self) -> None:
        """End it with SIGKILL, and all that belongs to it."""
        service = services.Service(self._name, self._machine.mark)
        service.kill(self._machine.init)

    def start(self) -> None:
        """Start it, unless it runs.

        An Open vSwitch agent is waited for until it is at rest. Traffic goes
        on while it reads and mends its bridges, and what is done to these
        meanwhile it may undo, or do over.

        :raises errors.LabError: when the host has none of that name, or it
            does not come to rest
        """
        host = next(
            one
            for one in layout.hosts(self._shape)
            if one.name == self._machine.name
        )
        if self._name == VSWITCHD and host in layout.nodes(self._shape):
            node.Node(
                host, self._shape, self._inits, self._machine.mark
            ).build()
            return
        role = roles.of(host, self._shape)
        programs = (*role.servers, *role.agents) if role else ()
        for one in programs:
            if one.name == self._name:
                self._start(one)
                return
        raise errors.LabError(f"{host.name} has no service {self._name}")

    def _start(self, program: programs_module.Program) -> None:
        alive = processes.all_processes()
        if not self._machine.missing([program], alive):
            return
        before = self._times_at_rest()
        self._machine.start(program)
        if program is not programs_module.OPENVSWITCH_AGENT:
            return

        def settled() -> bool:
            return self._times_at_rest() > before

        if not deadline.until(settled, _REST_TIMEOUT):
            raise self._machine.failure(program)

    def _times_at_rest(self) -> int:
        log = services.Service(self._name, self._machine.mark).log
        file = namespace.path(self._machine.init, log)
        text = file.read_text(errors="replace") if file.exists() else ""
        return text.count(_AT_REST)
