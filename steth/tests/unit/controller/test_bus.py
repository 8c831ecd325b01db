# SPDX-License-Identifier: Apache-2.0

import threading
from typing import Any
import unittest
from unittest import mock

from kombu import exceptions as kombu_exceptions
from oslo_config import cfg
import oslo_messaging

from steth.controller import bus
from steth.controller import dispatch
from steth.controller import interrupt as interrupt_module
from steth.controller import listener
from steth.rpc import bus as rpc_bus
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.controller import fakes


class BusTestCase(unittest.TestCase):
    """What oslo.messaging says becomes what a row can say."""

    def setUp(self) -> None:
        self.conf = mock.Mock(spec=cfg.ConfigOpts)
        self.conf.controller = mock.Mock(concurrency=64)
        # They would connect.
        self.listener = mock.Mock()
        for place, name, fake in (
            (rpc_bus, "get_transport", mock.Mock()),
            (rpc_bus, "get_client", mock.Mock()),
            (listener, "Listener", self._listener),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.client = rpc_bus.get_client.return_value  # type: ignore[attr-defined]

    def _listener(self, connect: Any, topic: str, interrupt: Any) -> Any:
        self.topic = topic
        return self.listener

    def bus(self, agents: int = 1) -> bus.Bus:
        return bus.Bus(
            self.conf,
            "broker:5672",
            agents,
            interrupt_module.Interrupt(),
        )

    def call(self) -> Any:
        return self.bus().call(
            contract.INSPECT_HOST,
            requests.InspectHost(all_namespaces=False),
            host="a",
            timeout=3.0,
        )

    def assert_error(
        self, raised: Exception, code: errors.ErrorCode, said: str
    ) -> errors.OperationError:
        prepared = self.client.prepare.return_value
        prepared.call.side_effect = raised
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            self.call()
        self.assertIs(code, caught.exception.code)
        return caught.exception

    def test_call(self) -> None:
        prepared = self.client.prepare.return_value
        prepared.call.return_value = contract.encode_data(fakes.info("a"))
        self.assertEqual(
            fakes.info("a"),
            self.bus().call(
                contract.INSPECT_AGENT,
                requests.InspectAgent(),
                host="a",
                timeout=3.0,
            ),
        )
        self.client.prepare.assert_called_once_with(
            server="a", version="1.0", timeout=3.0
        )

    def test_arguments(self) -> None:
        prepared = self.client.prepare.return_value
        prepared.call.return_value = contract.encode_error(
            errors.OperationError(errors.ErrorCode.BUSY, "busy")
        )
        with self.assertRaisesRegex(errors.OperationError, "busy"):
            self.call()
        prepared.call.assert_called_once_with({}, "host", all_namespaces=False)

    def test_held(self) -> None:
        prepared = self.client.prepare.return_value
        prepared.call.return_value = contract.encode_data(fakes.info("a"))
        self.bus().call(
            contract.INSPECT_AGENT,
            requests.InspectAgent(),
            host="a",
            timeout=3.0,
            hold=requests.Hold(id="0" * 32, lease=15.0),
        )
        prepared.call.assert_called_once_with(
            {"hold": {"id": "0" * 32, "lease": 15.0}}, "agent"
        )

    def test_errors(self) -> None:
        no_answer = errors.ErrorCode.NO_ANSWER
        undelivered = self.assert_error(
            oslo_messaging.MessageUndeliverable(None, "e", "k", "m"),
            no_answer,
            "it is not there",
        )
        self.assertIsInstance(undelivered, dispatch.NotDeliveredError)
        self.assert_error(
            oslo_messaging.MessagingTimeout(), no_answer, "after 3.0 s"
        )
        for gone in (
            kombu_exceptions.OperationalError("amqp://user:s3cret@broker"),
            oslo_messaging.MessageDeliveryFailure("s3cret"),
            ConnectionResetError(),
        ):
            error = self.assert_error(gone, no_answer, "the broker is gone")
            self.assertNotIn("s3cret", error.message)

    def test_remote_errors(self) -> None:
        for kind, code in (
            ("NoSuchMethod", errors.ErrorCode.UNKNOWN_OPERATION),
            ("UnsupportedVersion", errors.ErrorCode.UNSUPPORTED_VERSION),
            ("KeyError", errors.ErrorCode.INTERNAL),
        ):
            self.assert_error(
                oslo_messaging.RemoteError(kind, "x", "traceback"), code, "a"
            )

    def test_discover(self) -> None:
        one = self.bus(agents=3)
        self.listener.wait_until_ready.return_value = True
        one.discover(1.5)
        cast = self.client.prepare.return_value.cast
        cast.assert_called_once_with({}, "announce", topic=self.topic)
        self.assertRegex(self.topic, "^steth-controller-[0-9a-f]{32}$")
        self.listener.wait_for.assert_called_once_with(3, 1.5)

    def test_discover_nobody(self) -> None:
        self.assertEqual((), self.bus(agents=0).discover(1.5).agents)
        self.assertEqual("", self.topic)
        self.client.prepare.assert_not_called()

    def test_discover_too_slow(self) -> None:
        one = self.bus()
        self.listener.wait_until_ready.return_value = False
        with self.assertRaisesRegex(errors.OperationError, "too slow"):
            one.discover(1.5)

    def test_close_does_not_wait(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)
        transport = rpc_bus.get_transport.return_value  # type: ignore[attr-defined]
        transport.cleanup.side_effect = lambda: hold.wait(30)
        self.bus().close()
        self.listener.stop.assert_called_once()

    def test_close_after_the_broker_is_gone(self) -> None:
        transport = rpc_bus.get_transport.return_value  # type: ignore[attr-defined]
        transport.cleanup.side_effect = OSError
        with self.assertLogs(bus.LOG, "DEBUG"):
            self.bus().close()
