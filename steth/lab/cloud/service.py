# SPDX-License-Identifier: Apache-2.0
"""One service of a host that is ended and started again, as faults do."""

from collections.abc import Mapping

from steth.lab import errors
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import layout
from steth.lab.cloud import machine as machine_module
from steth.lab.cloud import node
from steth.lab.cloud import roles

#: The service of a node that is started with its bridges and addresses.
VSWITCHD = "ovs-vswitchd"


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

        :raises errors.LabError: when the host has none of that name
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
                self._machine.start(one)
                return
        raise errors.LabError(f"{host.name} has no service {self._name}")
