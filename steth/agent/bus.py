# SPDX-License-Identifier: Apache-2.0
"""The agent as a member of the message bus."""

import threading

from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from steth.agent import discovery
from steth.agent import endpoints
from steth.agent import operations
from steth.agent import outage
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
        self._server: oslo_messaging.MessageHandlingServer | None = None

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
        self._wait_for_broker()
        if self._stopping.is_set():
            return
        self._join(transport)
        while not self._stopping.is_set():
            self._outage.begun.wait()
            if self._wait_for_broker():
                LOG.info("The message bus is back")
            # What oslo.messaging says until it is back too is old news.
            self._stopping.wait(_GRACE)
            self._outage.begun.clear()

    def _join(self, transport: oslo_messaging.Transport) -> None:
        server = oslo_messaging.get_rpc_server(
            transport,
            bus.server_target(contract.TOPIC, self._conf.host),
            [
                *endpoints.endpoints(self._performer),
                discovery.Discovery(
                    transport, lambda: agent.describe(self._conf.host)
                ),
            ],
            access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
        )
        self._outage.watch()
        server.start(
            override_pool_size=self._conf.agent.max_operations + _SPARE_THREADS
        )
        self._server = server
        LOG.info("This agent is on the message bus as %s", self._conf.host)

    def _wait_for_broker(self) -> bool:
        """Return when a broker takes us, or the agent stops.

        :returns: whether there was anything to wait for
        """
        said = None
        while not self._stopping.is_set():
            state = bus.look(self._conf, _LOOK_TIMEOUT)
            if state.problem is None:
                break
            if state.problem != said:
                LOG.warning(
                    "Not on the message bus: %s. Trying again every %s s",
                    state.problem,
                    self._conf.agent.bus_retry_interval,
                )
                said = state.problem
            self._stopping.wait(self._conf.agent.bus_retry_interval)
        return said is not None
