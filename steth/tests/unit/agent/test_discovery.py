# SPDX-License-Identifier: Apache-2.0

import time
import unittest
from unittest import mock

from kombu import exceptions as kombu_exceptions

from steth.agent import discovery
from steth.model import agent
from steth.rpc import contract

# isort: split
# Not before steth.rpc, which keeps down what comes with it.
import oslo_messaging

TOPIC = contract.CONTROLLER_TOPIC_PREFIX + "0123456789abcdef" * 2
INFO = agent.AgentInfo(
    host="h", version="1", contract="1.0", operations=(), time=1, uptime=2
)


class DiscoveryTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch("steth.rpc.bus.get_client", autospec=True)
        self.get_client = patch.start()
        self.addCleanup(patch.stop)
        self.cast = self.get_client.return_value.cast
        self.discovery = discovery.Discovery(mock.Mock(), lambda: INFO)

    def test_announces(self) -> None:
        self.discovery.announce({}, topic=TOPIC)
        self.assertEqual(TOPIC, self.get_client.call_args.args[1])
        self.cast.assert_called_once()
        self.assertEqual("announced", self.cast.call_args.args[1])
        self.assertEqual("h", self.cast.call_args.kwargs["agent"]["host"])

    def test_only_to_controllers(self) -> None:
        for topic in (
            None,
            3,
            "",
            "nova",
            "steth-agent",
            TOPIC[:-1],
            TOPIC + "0",
            TOPIC + "\n",
            TOPIC.upper(),
            TOPIC.replace("0", "."),
        ):
            with self.subTest(topic=topic):
                self.discovery.announce({}, topic=topic)
        self.discovery.announce({})
        self.cast.assert_not_called()

    def test_a_flood_is_cut(self) -> None:
        for _ in range(1000):
            self.discovery.announce({}, topic=TOPIC)
        self.assertGreater(self.cast.call_count, 10)
        self.assertLess(self.cast.call_count, 100)
        before = self.cast.call_count
        later = time.monotonic() + 10
        with mock.patch("time.monotonic", return_value=later, autospec=True):
            self.discovery.announce({}, topic=TOPIC)
        self.assertEqual(before + 1, self.cast.call_count)

    def test_controller_or_broker_gone(self) -> None:
        for error in (
            oslo_messaging.MessageUndeliverable(
                exception=mock.Mock(), exchange="", routing_key="", message=""
            ),
            oslo_messaging.MessageDeliveryFailure,
            kombu_exceptions.OperationalError,
        ):
            with self.subTest(error=error):
                self.cast.side_effect = error
                self.discovery.announce({}, topic=TOPIC)
