# SPDX-License-Identifier: Apache-2.0

import threading
from typing import Any
import unittest
from unittest import mock
import uuid

from amqp import exceptions as amqp_exceptions
from oslo_config import cfg

from steth.agent import bus as agent_bus
from steth.agent import operations
from steth.conf import load
from steth.model import agent
from steth.rpc import bus
from steth.rpc import contract

# isort: split
# Not before steth.rpc.bus, which keeps down what comes with it.
import oslo_messaging

INFO = agent.AgentInfo(
    host="h", version="1", contract="1.0", operations=(), time=1, uptime=2
)


class Ear:
    target = bus.endpoint_target(contract.DISCOVERY_NAMESPACE)

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.changed = threading.Event()

    def announced(self, _context: Any, agent: Any) -> None:
        self.heard.append(agent)
        self.changed.set()


class MemberTestCase(unittest.TestCase):
    """The driver for RabbitMQ, over a bus within this process."""

    def setUp(self) -> None:
        conf = cfg.CONF
        bus.register(conf)
        load.register(conf)
        conf([], default_config_files=[], default_config_dirs=[])
        self.addCleanup(conf.reset)
        conf.set_override("host", "h1")
        self.addCleanup(conf.clear_override, "host")
        self.conf = conf
        performer = mock.create_autospec(operations.Operations)
        performer.perform.return_value = {"data": {"x": 1}}
        self.performer = performer
        self.member = agent_bus.BusMember(conf, performer)
        # It would stay with a logger that other tests use too.
        watch = mock.patch.object(self.member._outage, "watch", autospec=True)
        watch.start()
        self.addCleanup(watch.stop)

    def configure(self, url: str) -> None:
        self.conf.set_override("transport_url", url)
        self.addCleanup(self.conf.clear_override, "transport_url")
        patch = mock.patch.object(
            bus, "is_configured", return_value=True, autospec=True
        )
        patch.start()
        self.addCleanup(patch.stop)

    def join(self) -> oslo_messaging.Transport:
        self.configure("kombu+memory:///")
        self.member.prepare()
        joined = threading.Event()
        with mock.patch.object(
            agent_bus.LOG,
            "info",
            side_effect=lambda *_: joined.set(),
            autospec=True,
        ):
            self.member.start()
            self.assertTrue(joined.wait(20))
        self.addCleanup(self.member.stop)
        return bus.get_transport(self.conf)

    def test_call_and_discovery(self) -> None:
        transport = self.join()
        client = bus.get_client(transport, contract.TOPIC, "inspect")
        hold = {"id": "1", "lease": 15.0}
        reply = client.prepare(server="h1", timeout=20).call(
            {"hold": hold}, "agent", some="thing"
        )
        self.assertEqual({"data": {"x": 1}}, reply)
        self.performer.perform.assert_called_once_with(
            contract.INSPECT_AGENT, {"some": "thing"}, hold
        )
        topic = contract.CONTROLLER_TOPIC_PREFIX + uuid.uuid4().hex
        ear = Ear()
        server = oslo_messaging.get_rpc_server(
            transport, bus.server_target(topic, "test"), [ear]
        )
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        bus.get_client(
            transport, contract.TOPIC, contract.DISCOVERY_NAMESPACE
        ).prepare(server="h1").cast({}, "announce", topic=topic)
        self.assertTrue(ear.changed.wait(20))
        self.assertEqual("h1", ear.heard[0]["host"])

    def test_without_a_url(self) -> None:
        self.member.prepare()
        with self.assertLogs("steth.agent.bus", "INFO") as logs:
            self.member.start()
        self.assertIn("transport_url is not given", logs.output[0])
        self.member.stop()

    def test_bad_url_does_not_tell_the_password(self) -> None:
        self.configure("s3cret@nowhere")
        with self.assertRaisesRegex(ValueError, "transport_url") as caught:
            self.member.prepare()
        self.assertNotIn("s3cret", str(caught.exception))

    def test_waits_for_the_broker_and_says_why_once(self) -> None:
        self.configure("rabbit://u:s3cret@192.0.2.1/")
        self.member.prepare()
        states = [
            bus.BusState(problem="no answer"),
            bus.BusState(problem="no answer"),
            bus.BusState(problem="refused", refused=True),
            bus.BusState(problem="refused", refused=True),
        ]
        done = threading.Event()

        def look(*_: Any) -> bus.BusState:
            if states:
                return states.pop(0)
            done.set()
            return bus.BusState(problem="refused", refused=True)

        with (
            mock.patch.object(bus, "look", look),
            mock.patch.object(self.member._stopping, "wait", autospec=True),
            self.assertLogs("steth.agent.bus", "WARNING") as logs,
        ):
            self.member.start()
            self.assertTrue(done.wait(20))
            self.member.stop()
        self.assertEqual(2, len(logs.output), logs.output)
        self.assertIn("no answer", logs.output[0])
        self.assertIn("refused", logs.output[1])
        self.assertNotIn("s3cret", str(logs.output))

    def test_broker_that_lets_in_and_refuses_the_rest(self) -> None:
        self.configure("kombu+memory:///")
        self.member.prepare()
        server = mock.Mock()
        refusal = amqp_exceptions.PreconditionFailed("inequivalent arg")
        failure = oslo_messaging.MessageDeliveryFailure("after inf tries")
        failure.__context__ = refusal
        server.start.side_effect = [failure, failure, None]
        joined = threading.Event()
        with (
            mock.patch(
                "oslo_messaging.get_rpc_server",
                return_value=server,
                autospec=True,
            ),
            mock.patch.object(self.member._stopping, "wait", autospec=True),
            mock.patch.object(
                agent_bus.LOG,
                "info",
                side_effect=lambda *_: joined.set(),
                autospec=True,
            ),
            self.assertLogs("steth.agent.bus", "WARNING") as logs,
        ):
            self.member.start()
            self.assertTrue(joined.wait(20))
        self.member.stop()
        self.assertEqual(1, len(logs.output), logs.output)
        self.assertIn("refuses: inequivalent arg", logs.output[0])
