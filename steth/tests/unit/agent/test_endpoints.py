# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

# isort: split
# Before oslo_messaging: it keeps down what comes with it.
from steth.agent import endpoints
from steth.agent import operations
from steth.rpc import contract

# isort: split
import oslo_messaging
from oslo_messaging.rpc import dispatcher


class EndpointsTestCase(unittest.TestCase):
    """Through oslo.messaging's own dispatcher, without a bus."""

    def setUp(self) -> None:
        self.performer = mock.create_autospec(operations.Operations)
        self.performer.perform.return_value = {"data": {}}
        self.dispatcher = dispatcher.RPCDispatcher(
            endpoints.endpoints(self.performer),
            None,
            oslo_messaging.ExplicitRPCAccessPolicy,
        )

    def call(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        version: str = "1.0",
        context: dict[str, Any] | None = None,
    ) -> Any:
        namespace, _, method = name.partition(".")
        incoming = mock.Mock(
            ctxt=context or {},
            client_timeout=None,
            message={
                "method": method,
                "args": arguments or {},
                "namespace": namespace,
                "version": version,
            },
        )
        return self.dispatcher.dispatch(incoming)

    def test_every_operation_is_callable(self) -> None:
        for name, operation in contract.OPERATIONS.items():
            with self.subTest(name=name):
                self.assertEqual({"data": {}}, self.call(name, {"a": 1}))
                self.performer.perform.assert_called_with(
                    operation, {"a": 1}, None
                )

    def test_arguments_of_any_name(self) -> None:
        arguments = {"self": 1, "context": 2, "_context": 3, "ctxt": 4}
        self.call("probe.icmp", arguments)
        self.performer.perform.assert_called_with(
            contract.PROBE_ICMP, arguments, None
        )

    def test_held(self) -> None:
        hold = {"id": "1", "lease": 15.0}
        self.call("probe.icmp", context={"hold": hold})
        self.performer.perform.assert_called_with(
            contract.PROBE_ICMP, {}, hold
        )

    def test_nothing_else_is(self) -> None:
        for method in ("target", "__init__", "__class__", "host.x", "", "x"):
            with (
                self.subTest(method=method),
                self.assertRaises(oslo_messaging.NoSuchMethod),
            ):
                self.call(f"probe.{method}")
        with self.assertRaises(oslo_messaging.UnsupportedVersion):
            self.call("nothing.start")
        self.performer.perform.assert_not_called()

    def test_versions(self) -> None:
        for version in ("1.1", "2.0", "0.9"):
            with (
                self.subTest(version=version),
                self.assertRaises(oslo_messaging.UnsupportedVersion),
            ):
                self.call("inspect.agent", version=version)
