# SPDX-License-Identifier: Apache-2.0
"""Hears the agents announce themselves, and notices that a broker is gone.

Both need what oslo.messaging does not offer a client: its servers hold up
the end of a process by a second, and its calls end at their time-out,
however long ago the broker was killed. A frozen broker keeps its connections
open, so it is asked for a sign of life as well.
"""

import collections
from collections.abc import Callable
import json
import logging
import threading
import time

import amqp
from amqp import exceptions as amqp_exceptions
import msgspec

from steth.controller import interrupt as interrupt_module
from steth.model import agent as agent_model
from steth.rpc import contract

LOG = logging.getLogger(__name__)

#: Seconds between two looks at whether to stop, between two signs of life,
#: and that a sign of life may take.
_TICK = 0.02
_INTERVAL = 0.5
PATIENCE = 2.5

#: The envelope of oslo.messaging's messages, of its version 2.0.
_ENVELOPE = "oslo.message"


class Announcements(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call to all agents.

    ``twice`` are names that more than one agent uses; ``missing`` is how
    many are on the bus but did not announce themselves in time.
    """

    agents: tuple[agent_model.AgentInfo, ...] = ()
    twice: tuple[str, ...] = ()
    missing: int = 0


class Listener:
    """A connection to one broker, in a thread of its own.

    The queue is the connection's own, so nothing stays on the broker,
    however the process ends.
    """

    def __init__(
        self,
        connect: Callable[[float], amqp.Connection],
        topic: str,
        interrupt: interrupt_module.Interrupt,
    ) -> None:
        """Begin to listen.

        :param connect: returns a connection, given the seconds that the
            broker may take for each answer
        :param topic: what the agents announce themselves to; empty to
            listen for nothing, where there is no agent
        :param interrupt: is told when the broker is gone
        """
        self._connect = connect
        self._topic = topic
        self._interrupt = interrupt
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._heard: list[agent_model.AgentInfo] = []
        self._thread = threading.Thread(
            target=self._run, name="listen", daemon=True
        )
        self._thread.start()

    def wait_until_ready(self, timeout: float) -> bool:
        """Return whether announcements can be heard now."""
        return self._ready.wait(timeout)

    def wait_for(self, count: int, timeout: float) -> Announcements:
        """Return what was heard, when that many were, or in time.

        :param count: how many agents are on the bus
        :param timeout: seconds to wait for them
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._heard) >= count, timeout)
            heard = list(self._heard)
        times = collections.Counter(one.host for one in heard)
        return Announcements(
            agents=tuple({one.host: one for one in heard}.values()),
            twice=tuple(host for host, often in times.items() if often > 1),
            missing=max(count - len(heard), 0),
        )

    def stop(self, timeout: float) -> None:
        """Leave the broker, waiting for that so many seconds at most."""
        self._stopped.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            connection = self._connect(PATIENCE)
            try:
                self._listen(connection)
            finally:
                connection.collect()
        except (OSError, amqp_exceptions.AMQPError) as error:
            LOG.debug("the broker is gone", exc_info=True)
            if not self._stopped.is_set():
                self._interrupt.give_up(
                    agent_model.Transport.BUS, _said(error)
                )

    def _listen(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        if self._topic:
            queue = channel.queue_declare(
                self._topic, exclusive=True, auto_delete=True
            ).queue
            channel.queue_bind(queue, contract.EXCHANGE, self._topic)
            channel.basic_consume(queue, callback=self._take, no_ack=True)
        self._ready.set()
        asked_at = time.monotonic()
        while not self._stopped.is_set():
            try:
                connection.drain_events(timeout=_TICK)
            except TimeoutError:
                # Nothing was heard, which is normal.
                if time.monotonic() - asked_at > _INTERVAL:
                    # The broker has to answer this; it changes nothing.
                    channel.basic_qos(0, 0, False)
                    asked_at = time.monotonic()
        connection.close()

    def _take(self, message: amqp.Message) -> None:
        info = _read(message.body)
        if info is None:
            return
        with self._changed:
            self._heard.append(info)
            self._changed.notify()


def _read(body: str | bytes) -> agent_model.AgentInfo | None:
    """Return what an agent said of itself in a cast ``announced(agent=…)``."""
    try:
        call = json.loads(json.loads(body)[_ENVELOPE])
        if call["method"] != "announced":
            return None
        return msgspec.convert(call["args"]["agent"], agent_model.AgentInfo)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        # Whoever may write to the bus may write to this queue.
        LOG.warning("an announcement is not of the contract: %s", error)
        return None


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"the broker gave no sign of life for {PATIENCE:g} s"
    return "the broker closed the connection"
