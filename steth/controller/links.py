# SPDX-License-Identifier: Apache-2.0
"""The two transports of a run, and which of them may be used."""

import functools

from oslo_config import cfg

from steth.controller import bus as bus_module
from steth.controller import direct as direct_module
from steth.controller import dispatch
from steth.controller import hold as hold_module
from steth.controller import interrupt as interrupt_module
from steth.controller import listener
from steth.model import agent
from steth.rpc import bus as rpc_bus
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

AUTO = "auto"
BUS = "bus"
DIRECT = "direct"

_NOT_SET = "[DEFAULT] transport_url is not set"
#: Seconds that the brokers may take, all together, to say that they work.
LOOK_TIMEOUT = 2.0
#: Seconds that a broker which said so may need to get our call to the agents.
_SETUP_TIMEOUT = 1.0


class Links:
    """Both ways to the agents, as far as the run may use them.

    ``problem`` says why the bus was not to be used from the beginning,
    ``unasked`` why it was not tried where that is nothing to note.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, mode: str, timeout: float
    ) -> None:
        """Look for a broker, unless only the direct listeners may be asked.

        :param mode: ``auto``, ``bus`` or ``direct``; without a configured
            bus, ``auto`` is ``direct``
        :param timeout: seconds that a reply may take on top of the
            operation itself
        :raises errors.ConfigurationError: see ``direct.DirectClient``
        """
        self.mode = mode
        self.interrupt = interrupt_module.Interrupt()
        self.problem: str | None = None
        self.unasked = "not asked" if mode == DIRECT else None
        self.agents_on_bus = 0
        self._timeout = timeout
        self._concurrency = conf.controller.concurrency
        self.port_name = str(conf.direct_client.port)
        self._direct: direct_module.DirectClient | None = None
        self._bus: bus_module.Bus | None = None
        if mode != BUS:
            self._direct = direct_module.DirectClient(conf)
        if mode != DIRECT:
            self._open_bus(conf)

    def _open_bus(self, conf: cfg.ConfigOpts) -> None:
        if not rpc_bus.is_configured(conf):
            if self.mode == AUTO:
                # Whoever has no bus does not miss it.
                self.mode = DIRECT
                self.unasked = _NOT_SET
            else:
                self._no_bus(_NOT_SET)
            return
        state = rpc_bus.look(conf, LOOK_TIMEOUT)
        if state.problem is not None:
            self._no_bus(state.problem)
        elif state.broker is None:
            self._no_bus("[DEFAULT] transport_url is not one of RabbitMQ")
        else:
            self.agents_on_bus = state.agents
            self._bus = bus_module.Bus(
                conf, state.broker, state.agents, self.interrupt
            )

    def _no_bus(self, problem: str) -> None:
        self.problem = problem
        self.interrupt.give_up(agent.Transport.BUS, problem)

    def close(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            self._bus.close()

    def carry_out(
        self, calls: list[dispatch.Call], *, together: bool = False
    ) -> dict[str, dispatch.Settled]:
        """Carry out calls, as many at once as the configuration allows.

        :param together: all at once, whatever it allows
        """
        at_once = max(1, len(calls)) if together else self._concurrency
        return dispatch.Dispatcher(at_once, self.interrupt).run(calls)

    def announcements(self, timeout: float) -> listener.Announcements:
        """Return what the agents on the bus say of themselves.

        :param timeout: seconds to wait for them
        :returns: nothing heard, when there is no bus
        """
        if self._bus is None:
            return listener.Announcements()
        # Through the dispatcher, for the broker may hang in between.
        call = dispatch.Call(
            host="*",
            ways=[
                dispatch.Way(
                    transport=agent.Transport.BUS,
                    name=BUS,
                    run=functools.partial(self._bus.discover, timeout),
                    timeout=timeout + _SETUP_TIMEOUT,
                )
            ],
        )
        outcome = self.carry_out([call])["*"].outcome
        if outcome.error is not None:
            self._no_bus(outcome.error.message)
            return listener.Announcements()
        announcements: listener.Announcements = outcome.data
        return announcements

    def ways(
        self,
        operation: contract.Operation,
        request: requests.Request,
        host: str,
        address: str | None,
        *,
        seconds: float = 0.0,
        first: agent.Transport | None = None,
    ) -> list[dispatch.Way]:
        """Return the ways to ask an agent, the preferred one first.

        What takes long is held, by each way by itself.

        :param address: where its listener is; the host's name where None
        :param seconds: how long the operation itself takes
        :param first: leave out the transports that come before this one
        """
        timeout = self._timeout + seconds
        held = operation.holdable and seconds > hold_module.UNHELD
        asks: list[tuple[agent.Transport, str, hold_module.Ask, float]] = []
        if self._bus is not None:
            asks.append(
                (
                    agent.Transport.BUS,
                    BUS,
                    functools.partial(self._bus.call, host=host),
                    timeout,
                )
            )
        if self._direct is not None:
            asks.append(
                (
                    agent.Transport.DIRECT,
                    self.port_name,
                    functools.partial(
                        self._direct.call, host=host, address=address
                    ),
                    timeout + self._direct.connect_timeout,
                )
            )
        ways = []
        for transport, name, ask, most in asks:
            hold = hold_module.Hold(ask) if held else None
            ways.append(
                dispatch.Way(
                    transport=transport,
                    name=name,
                    run=functools.partial(
                        hold.call if hold else ask,
                        operation,
                        request,
                        timeout=timeout,
                    ),
                    timeout=most,
                    when_delivered=operation.repeatable,
                    hold=hold,
                )
            )
        if first is agent.Transport.DIRECT:
            ways = [one for one in ways if one.transport is first]
        return ways

    def bus_failure(self, reason: str) -> dispatch.Failure:
        """Return the failure of the bus where it need not be tried."""
        return dispatch.Failure(
            name=BUS,
            transport=agent.Transport.BUS,
            error=errors.OperationError(errors.ErrorCode.NO_ANSWER, reason),
        )
