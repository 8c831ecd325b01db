# SPDX-License-Identifier: Apache-2.0
"""Fakes of both transports, to drive the real controller above them."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
from typing import Any
import unittest
from unittest import mock

from oslo_config import cfg

from steth.conf import load
from steth.controller import bus as bus_module
from steth.controller import direct as direct_module
from steth.controller import dispatch
from steth.controller import fleet as fleet_module
from steth.controller import interrupt as interrupt_module
from steth.controller import listener
from steth.model import agent
from steth.rpc import bus as rpc_bus
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

Answer = Callable[[contract.Operation, requests.Request], Any]


def info(host: str, **changed: Any) -> agent.AgentInfo:
    """Return what an agent says of itself."""
    said: dict[str, Any] = {
        "host": host,
        "version": "1.0.0",
        "contract": "1.0",
        "operations": tuple(contract.OPERATIONS),
        "time": 1000.0,
        "uptime": 5.0,
    }
    return agent.AgentInfo(**(said | changed))


def failing(error: Exception) -> Answer:
    """Return an answer that is an error."""

    def answer(_: contract.Operation, __: requests.Request) -> Any:
        raise error

    return answer


def no_answer(message: str) -> Answer:
    """Return what a transport says when nobody answers."""
    return failing(errors.OperationError(errors.ErrorCode.NO_ANSWER, message))


class Agent:
    """A fake agent: how it announces itself, and how it answers by each way.

    Without a ``bus`` answer it is not on the bus, without a ``direct`` one
    its listener refuses the connection.
    """

    def __init__(
        self,
        host: str,
        *,
        bus: Answer | None = None,
        direct: Answer | None = None,
        said: agent.AgentInfo | None = None,
    ) -> None:
        self.info = said or info(host)
        self.bus = bus
        self.direct = direct

    def describe(self, _: contract.Operation, __: requests.Request) -> Any:
        """Answer any question with what the agent is."""
        return self.info


def well(host: str, **changed: Any) -> Agent:
    """Return an agent that answers by both ways."""
    one = Agent(host, said=info(host, **changed))
    one.bus = one.direct = one.describe
    return one


class World:
    """Agents, the bus between them and us, and what happened.

    ``calls`` are (transport, host, operation) in the order they were made,
    ``holds`` how each is held.
    """

    def __init__(self, test: unittest.TestCase, *agents: Agent) -> None:
        self.agents = {one.info.host: one for one in agents}
        self.problem: str | None = None
        self.transport_url = True
        self.missing = 0
        self.twice: tuple[str, ...] = ()
        self.notes: list[str] = []
        self.calls: list[tuple[str, str, str]] = []
        self.holds: list[requests.Hold | None] = []
        self.addresses: dict[str, str | None] = {}
        self.interrupt: interrupt_module.Interrupt | None = None
        self.conf = cfg.ConfigOpts()
        # Option groups are objects that all configurations share.
        test.addCleanup(self.conf.reset)
        load.register(self.conf)
        rpc_bus.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])

    def expect(self, **hosts: str) -> None:
        """Configure hosts with their addresses."""
        self.conf.set_override("hosts", hosts, group="inventory")

    @contextlib.contextmanager
    def fleet(self, **options: Any) -> Iterator[fleet_module.Fleet]:
        """Open a fleet over the fake transports."""
        state = rpc_bus.BusState(
            problem=self.problem,
            agents=sum(bool(one.bus) for one in self.agents.values()),
            broker=None if self.problem else "broker:5672",
        )
        with (
            mock.patch.object(
                rpc_bus, "look", autospec=True, return_value=state
            ),
            mock.patch.object(
                rpc_bus,
                "is_configured",
                autospec=True,
                return_value=self.transport_url,
            ),
            mock.patch.object(bus_module, "Bus", self._bus),
            mock.patch.object(direct_module, "DirectClient", self._direct),
            fleet_module.open(
                self.conf, note=self.notes.append, **options
            ) as fleet,
        ):
            yield fleet

    def _bus(
        self,
        conf: cfg.ConfigOpts,
        broker: str,
        agents: int,
        interrupt: interrupt_module.Interrupt,
    ) -> "_Bus":
        self.interrupt = interrupt
        return _Bus(self)

    def _direct(self, conf: cfg.ConfigOpts) -> "_Direct":
        return _Direct(self)


class _Bus:
    def __init__(self, world: World) -> None:
        self._world = world

    def discover(self, timeout: float) -> listener.Announcements:
        return listener.Announcements(
            agents=tuple(
                one.info for one in self._world.agents.values() if one.bus
            ),
            missing=self._world.missing,
            twice=self._world.twice,
        )

    def call(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        host: str,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        self._world.calls.append(("bus", host, operation.name))
        self._world.holds.append(hold)
        one = self._world.agents.get(host)
        if one is None or one.bus is None:
            raise dispatch.NotDeliveredError("it is not there")
        return one.bus(operation, request)

    def close(self) -> None:
        pass


class _Direct:
    connect_timeout = 0.5

    def __init__(self, world: World) -> None:
        self._world = world

    def call(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        host: str,
        address: str | None,
        timeout: float,
        hold: requests.Hold | None = None,
    ) -> Any:
        self._world.calls.append(("direct", host, operation.name))
        self._world.holds.append(hold)
        self._world.addresses[host] = address
        one = self._world.agents.get(host)
        if one is None or one.direct is None:
            raise errors.OperationError(
                errors.ErrorCode.NO_ANSWER, "connection refused"
            )
        return one.direct(operation, request)
