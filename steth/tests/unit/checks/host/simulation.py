# SPDX-License-Identifier: Apache-2.0
"""Simulated hosts that answer what ``check host`` asks.

A fake, for the analysis only; the real proof is in the functional tests.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
from typing import Any

import msgspec

from steth.checks.host import check
from steth.controller import outcome
from steth.model import agent
from steth.model import bridge
from steth.model import host
from steth.model import node
from steth.rpc import contract
from steth.rpc import requests

#: Changes a snapshot: (host, which reading, namespaces) -> namespaces.
Change = Callable[
    [str, int, tuple[host.Namespace, ...]], tuple[host.Namespace, ...]
]


def link(name: str = "eth0", **values: Any) -> host.Link:
    """Return a NIC that works."""
    fields: dict[str, Any] = {
        "index": 2,
        "mac": "02:00:00:00:00:01",
        "mtu": 1500,
        "admin_up": True,
        "carrier": True,
        "speed": 10000,
        "duplex": "full",
        **values,
    }
    return host.Link(name=name, **fields)


def namespace(number: int, *more: host.Link) -> host.Namespace:
    """Return the host's own namespace: a NIC with an address, lo, more."""
    return host.Namespace(
        links=(
            link("lo", index=1, mac=None, loopback=True, speed=None),
            link(mac=f"02:00:00:00:00:{number:02x}"),
            *more,
        ),
        addresses=(
            host.Address(
                address=f"192.0.2.{number}",
                prefix_length=24,
                family=4,
                device="eth0",
            ),
            host.Address(
                address="127.0.0.1",
                prefix_length=8,
                family=4,
                device="lo",
                scope="host",
            ),
        ),
    )


def with_link(one: host.Namespace, name: str, **values: Any) -> host.Namespace:
    """Return a namespace with a link changed."""
    return msgspec.structs.replace(
        one,
        links=tuple(
            msgspec.structs.replace(each, **values)
            if each.name == name
            else each
            for each in one.links
        ),
    )


@dataclasses.dataclass
class Hosts:
    """A fleet of simulated hosts: h1, h2 and so on."""

    count: int = 3
    #: By host, seconds.
    clock: dict[str, float] = dataclasses.field(default_factory=dict)
    round_trip: dict[str, float] = dataclasses.field(default_factory=dict)
    node: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    namespaces: dict[str, tuple[host.Namespace, ...]] = dataclasses.field(
        default_factory=dict
    )
    change: Change = lambda _, __, given: given
    silent: set[str] = dataclasses.field(default_factory=set)
    now: float = 1000.0
    readings: dict[str, int] = dataclasses.field(default_factory=dict)
    #: The bridges of a host, as they are at one reading and the next.
    bridges: dict[str, Iterator[tuple[bridge.Bridge, ...]]] = (
        dataclasses.field(default_factory=dict)
    )
    no_vswitchd: frozenset[str] = frozenset()

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @property
    def names(self) -> list[str]:
        """The hosts' names."""
        return [f"h{number}" for number in range(1, self.count + 1)]

    @property
    def agents(self) -> tuple[agent.AgentRow, ...]:
        """The agents as a fleet lists them."""
        return tuple(
            agent.AgentRow(
                host=name,
                status=(
                    agent.AgentStatus.SILENT
                    if name in self.silent
                    else agent.AgentStatus.UP
                ),
                operations=tuple(
                    one.name for one in check.HostCheck.operations
                ),
            )
            for name in self.names
        )

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> dict[str, outcome.Outcome]:
        """Answer as the agents would."""
        return {
            name: outcome.Outcome(
                host=name,
                data=self._answer(operation, name, request),
                elapsed=self.round_trip.get(name, 0.01),
                ended=self.now + self.round_trip.get(name, 0.01) / 2,
            )
            for name, request in asked.items()
        }

    def _answer(
        self,
        operation: contract.Operation,
        name: str,
        request: requests.Request,
    ) -> Any:
        if operation is contract.INSPECT_AGENT:
            return agent.AgentInfo(
                host=name,
                version="1.0",
                contract="1.0",
                operations=(),
                time=1_700_000_000 + self.now + self.clock.get(name, 0.0),
                uptime=1.0,
            )
        if operation is contract.INSPECT_BRIDGES:
            return bridge.BridgeSnapshot(
                host=name,
                taken_at="2026-01-01T00:00:00Z",
                bridges=next(self.bridges.get(name, iter(())), ()),
                openvswitch=bridge.OpenVswitch(
                    connection="tcp:127.0.0.1:6640",
                    running=name not in self.no_vswitchd,
                ),
            )
        if operation is contract.INSPECT_NODE:
            fields = {
                "hostname": name,
                "machine_id": f"machine of {name}",
                "boot_id": f"boot of {name}",
                **self.node.get(name, {}),
            }
            return node.Node(host=name, **fields)
        reading = self.readings[name] = self.readings.get(name, -1) + 1
        number = int(name[1:])
        found = self.namespaces.get(name, (namespace(number),))
        assert isinstance(request, requests.InspectHost)
        found = self.change(name, reading, found)
        if not request.all_namespaces:
            found = found[:1]
        return host.HostSnapshot(
            host=name, taken_at="2026-01-01T00:00:00Z", namespaces=found
        )
