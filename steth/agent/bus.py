# SPDX-License-Identifier: Apache-2.0
"""The agent as a member of the message bus."""

import threading

from amqp import exceptions as amqp_exceptions
from kombu import exceptions as kombu_exceptions
from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from steth.agent import discovery
from steth.agent import endpoints
from steth.agent import operations
from steth.agent import outage
from steth.agent.direct import whereabouts
from steth.agent.inspect import agent
from steth.rpc import bus
from steth.rpc import contract

LOG = log.getLogger(__name__)

_LOOK_TIMEOUT = 3.0
#: Seconds in which oslo.messaging is back after the broker is: it tries at
#: least every 6 s.
_GRACE = 10.0
#: Threads beyond those that operations may take: they answer that the agent
#: is busy, and searches for agents.
_SPARE_THREADS = 4


class BusMember:
    """Joins the bus when there is one, and stays.

    All of it happens in a thread of its own, because oslo.messaging waits
    without end for a broker. Once joined, oslo.messaging itself comes back
    after an outage; this thread then only finds out what the matter is.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, performer: operations.Operations
    ) -> None:
        self._conf = conf
        self._performer = performer
        self._stopping = threading.Event()
        self._outage = outage.Outage()
        self._transport: oslo_messaging.Transport | None = None
        self._said: str | None = None
        self._server: oslo_messaging.MessageHandlingServer | None = None
        self._address: str | None = None

    def prepare(self) -> None:
        """Make ready to join, if there is a bus to join.

        :raises ValueError: if ``transport_url`` is not one
        """
        if bus.is_configured(self._conf):
            self._transport = bus.get_transport(self._conf)

    def start(self) -> None:
        """Begin to join; returns at once."""
        if self._transport is None:
            LOG.info(
                "[DEFAULT] transport_url is not given: this agent is not on "
                "the message bus"
            )
            return
        threading.Thread(
            target=self._stay,
            args=(self._transport,),
            name="bus",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Leave the bus; answers under way are sent first."""
        self._stopping.set()
        self._outage.begun.set()
        if self._server is not None:
            self._server.stop()
            self._server.wait()

    def _stay(self, transport: oslo_messaging.Transport) -> None:
        self._outage.watch()
        while self._wait_for_broker() and not self._join(transport):
            self._stopping.wait(self._conf.agent.bus_retry_interval)
        self._outage.begun.clear()
        while not self._stopping.is_set():
            self._outage.begun.wait()
            if self._wait_for_broker() and self._said is not None:
                LOG.info("The message bus is back")
                self._said = None
            # What oslo.messaging says until it is back too is old news.
            self._stopping.wait(_GRACE)
            self._outage.begun.clear()

    def _wait_for_broker(self) -> bool:
        """Return once a broker takes us; ``False`` if the agent stops."""
        while not self._stopping.is_set():
            state = bus.look(self._conf, _LOOK_TIMEOUT)
            if state.problem is None:
                # It knows brokers of RabbitMQ only.
                if state.broker is not None:
                    self._address = whereabouts.address(
                        self._conf.direct, state.broker
                    )
                return True
            self._tell(state.problem)
            self._stopping.wait(self._conf.agent.bus_retry_interval)
        return False

    def _join(self, transport: oslo_messaging.Transport) -> bool:
        """Start to take calls; tell whether that went well."""
        server = oslo_messaging.get_rpc_server(
            transport,
            bus.server_target(contract.TOPIC, self._conf.host),
            [
                *endpoints.endpoints(self._performer),
                discovery.Discovery(
                    transport,
                    lambda: agent.describe(self._conf.host, self._address),
                ),
            ],
            access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
        )
        problem: str | None = None
        try:
            server.start(
                override_pool_size=self._conf.agent.max_operations
                + _SPARE_THREADS
            )
        except (
            oslo_messaging.MessagingException,
            kombu_exceptions.KombuError,
            amqp_exceptions.AMQPError,
            OSError,
        ) as error:
            problem = _reason(error)
        if problem is not None:
            # Not above: oslo.log adds the error that is being handled.
            self._tell(problem)
            return False
        self._server = server
        self._said = None
        LOG.info("This agent is on the message bus as %s", self._conf.host)
        return True

    def _tell(self, problem: str) -> None:
        """Log why this agent is not on the bus, once for each reason."""
        if problem != self._said:
            LOG.warning(
                "Not on the message bus: %s. Trying again every %s s",
                problem,
                self._conf.agent.bus_retry_interval,
            )
        self._said = problem


def _reason(error: BaseException) -> str:
    """Return what the broker itself said, where it said something.

    Of a user who may not declare a queue, say, or of one declared otherwise
    by somebody with another configuration.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, amqp_exceptions.AMQPError) and cause.reply_text:
            return f"the broker refuses: {cause.reply_text}"
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__
