# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
import json
import queue
import threading
from typing import Any
import unittest
from unittest import mock

import amqp
from amqp import exceptions as amqp_exceptions
import msgspec

from steth.controller import interrupt as interrupt_module
from steth.controller import listener
from steth.model import agent
from steth.tests.unit.controller import fakes

BUS = agent.Transport.BUS


def announcement(said: object, method: str = "announced") -> str:
    """Return a cast as oslo.messaging wraps it."""
    call = {"method": method, "args": {"agent": said}, "version": "1.0"}
    return json.dumps(
        {"oslo.version": "2.0", "oslo.message": json.dumps(call)}
    )


def of(host: str) -> str:
    return announcement(msgspec.to_builtins(fakes.info(host)))


class FakeBroker:
    """A connection whose events are those in ``events``, in their order.

    An event is a message's body, or an exception to raise; without any,
    time passes.
    """

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()
        self.closed = threading.Event()
        self.alive = True
        self.take: Callable[[amqp.Message], None] | None = None
        self.channel_object = mock.Mock()
        self.channel_object.queue_declare.return_value.queue = "q"
        self.channel_object.basic_consume.side_effect = self._consume
        self.channel_object.basic_qos.side_effect = self._sign_of_life

    def __call__(self, timeout: float) -> Any:
        return self

    def channel(self) -> mock.Mock:
        return self.channel_object

    def _consume(self, *_: object, **options: Any) -> None:
        self.take = options["callback"]

    def _sign_of_life(self, *_: object) -> None:
        if not self.alive:
            raise TimeoutError

    def drain_events(self, timeout: float) -> None:
        try:
            event = self.events.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(event, Exception):
            raise event
        assert self.take is not None
        self.take(amqp.Message(event))

    def close(self) -> None:
        self.closed.set()

    def collect(self) -> None:
        pass


class ListenerTestCase(unittest.TestCase):
    """Agents are heard, and a broker that is gone is noticed."""

    def setUp(self) -> None:
        self.broker = FakeBroker()
        self.interrupt = interrupt_module.Interrupt()
        self.woken = threading.Event()
        self.enterContext(self.interrupt.waking(self.woken.set))

    def listen(self, topic: str = "steth-controller-1") -> listener.Listener:
        one = listener.Listener(self.broker, topic, self.interrupt)
        self.addCleanup(one.stop, 10)
        self.assertTrue(one.wait_until_ready(10))
        return one

    def test_all_announce_themselves(self) -> None:
        one = self.listen()
        for host in ("a", "b"):
            self.broker.events.put(of(host))
        heard = one.wait_for(2, 10)
        self.assertEqual(["a", "b"], [each.host for each in heard.agents])
        self.assertEqual((0, ()), (heard.missing, heard.twice))

    def test_one_is_missing(self) -> None:
        one = self.listen()
        self.broker.events.put(of("a"))
        one.wait_for(1, 10)
        self.assertEqual(1, one.wait_for(2, 0.01).missing)

    def test_two_of_one_name(self) -> None:
        one = self.listen()
        for host in ("a", "b", "a"):
            self.broker.events.put(of(host))
        heard = one.wait_for(3, 10)
        self.assertEqual(["a", "b"], [each.host for each in heard.agents])
        self.assertEqual(("a",), heard.twice)

    def test_garbage_is_passed_over(self) -> None:
        one = self.listen()
        with self.assertLogs(listener.LOG, "WARNING"):
            for body in (
                "",
                "{",
                "[]",
                "7",
                json.dumps({"oslo.message": 7}),
                json.dumps({"oslo.message": "[]"}),
                announcement({"host": 7}),
                announcement(None),
                announcement({}, method="something.else"),
            ):
                self.broker.events.put(body)
            self.broker.events.put(of("a"))
            heard = one.wait_for(1, 10)
        self.assertEqual(["a"], [each.host for each in heard.agents])

    def test_the_queue_is_its_own(self) -> None:
        self.listen("steth-controller-1")
        options = self.broker.channel_object.queue_declare.call_args
        self.assertEqual(("steth-controller-1",), options.args)
        self.assertTrue(options.kwargs["exclusive"])
        self.assertTrue(options.kwargs["auto_delete"])

    def test_without_a_topic(self) -> None:
        self.listen("")
        self.broker.channel_object.queue_declare.assert_not_called()

    def test_stop(self) -> None:
        one = self.listen()
        one.stop(10)
        self.assertTrue(self.broker.closed.is_set())
        self.assertIsNone(self.interrupt.reason(BUS))

    def test_broker_killed(self) -> None:
        self.listen()
        self.broker.events.put(ConnectionResetError())
        self.assertTrue(self.woken.wait(10))
        self.assertEqual(
            "the broker closed the connection", self.interrupt.reason(BUS)
        )

    def test_broker_shut_down(self) -> None:
        self.listen()
        self.broker.events.put(amqp_exceptions.ConnectionForced("x"))
        self.assertTrue(self.woken.wait(10))

    def test_broker_frozen(self) -> None:
        self.broker.alive = False
        self.listen()
        self.assertTrue(self.woken.wait(10))
        self.assertEqual(
            "the broker gave no sign of life for 2.5 s",
            self.interrupt.reason(BUS),
        )

    def test_no_connection(self) -> None:
        def connect(timeout: float) -> Any:
            raise ConnectionRefusedError

        listener.Listener(connect, "", self.interrupt)
        self.assertTrue(self.woken.wait(10))
