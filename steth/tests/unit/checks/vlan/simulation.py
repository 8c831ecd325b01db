# SPDX-License-Identifier: Apache-2.0
"""A simulated trunk: ports with allowed and native VLANs on two switches.

A fake, for the analysis only; what the hosts hear is counted by the agent's
own tally. The real proof is in the functional tests.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
from typing import Any

from steth.agent.probe import vlan_frame
from steth.agent.probe import vlan_tally
from steth.controller import outcome
from steth.model import agent
from steth.model import host as host_model
from steth.model import lldp
from steth.model import vlan
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


@dataclasses.dataclass
class Port:
    """A switch port; ``native`` 0 leaves frames without a tag so."""

    leaf: int = 1
    without: frozenset[int] = frozenset()
    native: int = 0
    mute: frozenset[int] = frozenset()
    reflects: frozenset[int] = frozenset()
    links: tuple[host_model.Link, ...] = ()
    loses: int = 0
    refuses: int = 0


def link(**changed: Any) -> host_model.Link:
    """Return a NIC in good order."""
    kept: dict[str, Any] = {
        "name": "eth3",
        "index": 5,
        "mtu": 1500,
        "admin_up": True,
    }
    return host_model.Link(**({**kept, "carrier": True} | changed))


class Trunk:
    """Hosts on a trunk, with the agents' side of the contract."""

    def __init__(self, hosts: int, leaves: int = 1) -> None:
        self.ports = {
            f"compute{number}": Port(
                leaf=(number - 1) % leaves, links=(link(),)
            )
            for number in range(1, hosts + 1)
        }
        self.not_between: frozenset[int] = frozenset()
        self.silent: set[str] = set()
        self.failing: dict[tuple[str, str], errors.OperationError] = {}
        self.asked: list[str] = []
        #: Who sent, on which VLANs, how often.
        self.sent: list[tuple[str, str, int]] = []
        #: Frames lost by chance, by VLAN: how many more.
        self.flaky: dict[int, int] = {}
        self._names: list[str] = []
        self._tallies: dict[str, vlan_tally.VlanTally] = {}

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """A row for each host."""
        return tuple(
            agent.AgentRow(
                host=host,
                status=agent.AgentStatus.SILENT
                if host in self.silent
                else agent.AgentStatus.UP,
                operations=tuple(contract.OPERATIONS),
            )
            for host in self.ports
        )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        """Answer as agents do."""
        self.asked.append(operation.method)
        if operation is contract.PROBE_VLAN_LISTEN:
            self._names = list(asked)
            self._tallies = {}
        found = {}
        for host, request in asked.items():
            error = self.failing.get((host, operation.method))
            found[host] = outcome.Outcome(
                host=host,
                data=None if error else self._answer(host, request),
                error=error,
            )
        return found

    def _answer(self, host: str, request: Any) -> Any:
        match request:
            case requests.InspectHost():
                return host_model.HostSnapshot(
                    host=host,
                    taken_at="",
                    namespaces=(
                        host_model.Namespace(links=self.ports[host].links),
                    ),
                )
            case requests.InspectLldp():
                return lldp.LldpReport(
                    neighbours=(
                        lldp.LldpNeighbour(
                            device="eth3", system="leaf1", port=f"to-{host}"
                        ),
                    )
                )
            case requests.VlanListen():
                self._tallies[host] = vlan_tally.VlanTally(
                    request.index, request.hosts
                )
                return vlan.VlanListening(seconds=request.seconds)
            case requests.VlanSend():
                ids = request.ids * request.rounds
                for number in ids:
                    self._send(host, request.index, number)
                self.sent.append((host, request.vlans, request.rounds))
                refused = self.ports[host].refuses
                return vlan.VlanSent(
                    sent=len(ids) - refused,
                    refused=refused,
                    reason="No buffer space available" if refused else None,
                    duration=0.0,
                )
            case requests.VlanHeard():
                return self._tallies[host].report(self.ports[host].loses)
        raise AssertionError(request)

    def _send(self, host: str, index: int, number: int) -> None:
        if self.flaky.get(number):
            self.flaky[number] -= 1
            return
        mark = vlan_frame.Mark(index, number)
        for target, arrived_on in self._flooded(host, number):
            if target in self._tallies:
                self._tallies[target].see(mark, arrived_on)

    def _flooded(self, host: str, number: int) -> Iterator[tuple[str, int]]:
        port = self.ports[host]
        inside = number or port.native
        if inside in port.without or number in port.mute:
            return
        if number in port.reflects:
            yield host, number
        for target, other in self.ports.items():
            if target == host or inside in other.without:
                continue
            if port.leaf != other.leaf and inside in self.not_between:
                continue
            yield target, 0 if inside == other.native else inside
