# SPDX-License-Identifier: Apache-2.0
"""A simulated rack whose agents do more than ping: a test says what."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
from typing import Any

import msgspec

from steth.controller import outcome
from steth.model import agent
from steth.model import host
from steth.model import neighbours
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks.mesh import simulation

#: Host and request in, the reply's data out.
Reply = Callable[[str, Any], Any]


@dataclasses.dataclass
class Rack(simulation.Rack):
    """A rack with hardware addresses and further operations, by name."""

    replies: dict[str, Reply] = dataclasses.field(default_factory=dict)
    #: By host: the one whose hardware addresses it has.
    clones: dict[str, str] = dataclasses.field(default_factory=dict)
    #: By address: the hardware addresses that answer for it, if not its
    #: owner's.
    answers: dict[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """The agents, with all operations."""
        return tuple(
            msgspec.structs.replace(one, operations=tuple(contract.OPERATIONS))
            for one in super().agents
        )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        """Answer as the agents would."""
        reply = self.replies.get(operation.name)
        if reply is None and operation is contract.PROBE_NEIGHBOURS:
            reply = self.neighbours
        if reply is None:
            return super().ask(operation, asked, seconds=seconds)
        self.asked.append((operation.name, len(asked)))
        found = {}
        for name, request in asked.items():
            try:
                found[name] = outcome.Outcome(
                    host=name, data=reply(name, request)
                )
            except errors.OperationError as error:
                found[name] = outcome.Outcome(host=name, error=error)
        return found

    def neighbours(
        self, name: str, request: requests.ProbeNeighbours
    ) -> neighbours.NeighbourReport:
        """Return whose addresses are asked for, as their owners say it."""
        owners = {
            nic.address: mac(self.clones.get(host_name, host_name), nic.device)
            for host_name, nics in self.nics.items()
            for nic in nics.values()
        }
        return neighbours.NeighbourReport(
            results=tuple(
                neighbours.NeighbourResult(
                    interface=one.interface,
                    address=one.address,
                    macs=self.answers.get(one.address, (owners[one.address],)),
                )
                for one in request.neighbours
            ),
            duration=0.7,
        )

    def _snapshot(self, name: str) -> host.HostSnapshot:
        found = super()._snapshot(name)
        links = tuple(
            msgspec.structs.replace(
                one, mac=mac(self.clones.get(name, name), one.name)
            )
            for one in found.root.links
        )
        return msgspec.structs.replace(
            found,
            namespaces=(msgspec.structs.replace(found.root, links=links),),
        )


def mac(name: str, device: str) -> str:
    """Return the hardware address of a host's device."""
    return f"02:00:00:00:{int(device[3:]):02x}:{int(name[7:]):02x}"


def rack(hosts: int) -> Rack:
    """Return a rack of healthy hosts on two networks."""
    return Rack(nics=simulation.rack(hosts).nics)
