# SPDX-License-Identifier: Apache-2.0
"""How a controller finds the agents on the bus."""

from collections.abc import Callable
import re
import threading
import time
from typing import Any

from kombu import exceptions as kombu_exceptions
import msgspec
from oslo_log import log
import oslo_messaging

from steth.model import agent
from steth.rpc import bus
from steth.rpc import contract

LOG = log.getLogger(__name__)

_TOPIC = re.compile(
    re.escape(contract.CONTROLLER_TOPIC_PREFIX) + r"[0-9a-f]{32}"
)
#: Announcements a second, and how many may be asked for at once: many
#: operators may look at the same time, but a flood must not keep us busy.
_RATE = 10.0
_BURST = 40.0


class Discovery:
    """The endpoint that answers ``announce``, a fanout cast to all agents."""

    target = bus.endpoint_target(contract.DISCOVERY_NAMESPACE)

    def __init__(
        self,
        transport: oslo_messaging.Transport,
        describe: Callable[[], agent.AgentInfo],
    ) -> None:
        self._transport = transport
        self._describe = describe
        self._lock = threading.Lock()
        self._allowance = _BURST
        self._counted_at = time.monotonic()

    @oslo_messaging.expose
    def announce(self, _context: object, /, **arguments: Any) -> None:
        """Cast what this agent is to the ``topic`` named in the arguments.

        A cast has no reply, so what is wrong with it is only logged.
        """
        topic = arguments.get("topic")
        if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
            LOG.info(
                "Passed over a search for agents with a topic that no "
                "controller has"
            )
            return
        if not self._allowed():
            LOG.debug("Passed over a search for agents: there are too many")
            return
        client = bus.get_client(
            self._transport, topic, contract.DISCOVERY_NAMESPACE
        )
        try:
            client.cast(
                {}, "announced", agent=msgspec.to_builtins(self._describe())
            )
        except (
            oslo_messaging.MessageUndeliverable,
            oslo_messaging.MessagingException,
            kombu_exceptions.OperationalError,
        ) as error:
            LOG.debug("A controller could not be answered: %s", error)

    def _allowed(self) -> bool:
        with self._lock:
            now = time.monotonic()
            gained = (now - self._counted_at) * _RATE
            self._allowance = min(_BURST, self._allowance + gained)
            self._counted_at = now
            if self._allowance < 1:
                return False
            self._allowance -= 1
            return True
