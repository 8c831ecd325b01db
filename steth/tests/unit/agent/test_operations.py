# SPDX-License-Identifier: Apache-2.0

import threading
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent import operations
from steth.model import host
from steth.rpc import contract
from steth.rpc import errors

SNAPSHOT = host.HostSnapshot(host="h", taken_at="now", namespaces=())


class OperationsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.cancelled = threading.Event()
        self.handlers: dict[str, Any] = {
            name: mock.Mock(return_value=SNAPSHOT)
            for name in contract.OPERATIONS
        }
        self.operations = operations.Operations(
            self.handlers, 2, self.cancelled
        )

    def code(self, reply: dict[str, Any]) -> str:
        return str(reply["error"]["code"])

    def test_every_operation_has_a_handler(self) -> None:
        for change in ("lost", "astray"):
            handlers = dict(self.handlers)
            if change == "lost":
                handlers.pop("probe.icmp")
            else:
                handlers["probe.vlan"] = mock.Mock()
            with self.assertRaisesRegex(ValueError, "probe"):
                operations.Operations(handlers, 1, self.cancelled)

    def test_data(self) -> None:
        reply = self.operations.perform(
            contract.INSPECT_HOST, {"all_namespaces": False}
        )
        self.assertEqual({"data": msgspec.to_builtins(SNAPSHOT)}, reply)
        (request,) = self.handlers["inspect.host"].call_args.args
        self.assertFalse(request.all_namespaces)

    def test_bad_argument(self) -> None:
        reply = self.operations.perform(
            contract.INSPECT_HOST, {"all_namespaces": 3}
        )
        self.assertEqual("bad-argument", self.code(reply))
        self.handlers["inspect.host"].assert_not_called()

    def test_expected_failure(self) -> None:
        self.handlers["inspect.host"].side_effect = errors.OperationError(
            errors.ErrorCode.FAILED, "the kernel refused"
        )
        reply = self.operations.perform(contract.INSPECT_HOST, {})
        self.assertEqual("failed", self.code(reply))
        self.assertEqual("the kernel refused", reply["error"]["message"])

    def test_broken(self) -> None:
        self.handlers["inspect.host"].side_effect = KeyError("secret")
        with self.assertLogs("steth.agent.operations", "ERROR") as logs:
            reply = self.operations.perform(contract.INSPECT_HOST, {})
        self.assertEqual("internal", self.code(reply))
        self.assertNotIn("secret", str(reply))
        self.assertIn("secret", "".join(logs.output))

    def test_busy(self) -> None:
        inner: list[dict[str, Any]] = []

        def nested(_request: Any) -> host.HostSnapshot:
            inner.append(self.operations.perform(contract.INSPECT_HOST, {}))
            inner.append(self.operations.perform(contract.INSPECT_AGENT, {}))
            return SNAPSHOT

        self.handlers["inspect.host"].side_effect = nested
        self.operations.perform(contract.INSPECT_HOST, {})
        # The third within the second within the first.
        self.assertEqual("busy", self.code(inner[0]))
        self.assertIn("max_operations", inner[0]["error"]["message"])
        # Whether it is alive is told however busy it is.
        self.assertIn("data", inner[1])
        self.handlers["inspect.host"].side_effect = None
        reply = self.operations.perform(contract.INSPECT_HOST, {})
        self.assertIn("data", reply)

    def test_failures_give_their_place_back(self) -> None:
        self.handlers["inspect.host"].side_effect = ValueError
        with self.assertLogs("steth.agent.operations", "ERROR"):
            for _ in range(5):
                reply = self.operations.perform(contract.INSPECT_HOST, {})
                self.assertEqual("internal", self.code(reply))

    def test_stopping(self) -> None:
        self.cancelled.set()
        reply = self.operations.perform(contract.INSPECT_AGENT, {})
        self.assertEqual("busy", self.code(reply))
        self.assertIn("stopping", reply["error"]["message"])
