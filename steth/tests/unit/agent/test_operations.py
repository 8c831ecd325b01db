# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
import threading
from typing import Any
from typing import ClassVar
import unittest
from unittest import mock

import msgspec

from steth.agent import operations
from steth.agent import tasks
from steth.model import host
from steth.model import task as task_model
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

SNAPSHOT = host.HostSnapshot(host="h", taken_at="now", namespaces=())


class OperationsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.cancelled = threading.Event()
        self.handlers: dict[str, Any] = {
            name: mock.Mock(return_value=SNAPSHOT)
            for name in contract.OPERATIONS
        }
        self.tasks = tasks.Registry()
        self.addCleanup(self.tasks.close)
        self.operations = operations.Operations(
            self.handlers, 2, self.cancelled, self.tasks
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
                operations.Operations(handlers, 1, self.cancelled, self.tasks)

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


class HeldTestCase(unittest.TestCase):
    """Calls that are tasks while they last."""

    hold: ClassVar[dict[str, Any]] = {"id": "0" * 31 + "1", "lease": 15.0}
    arguments: ClassVar[dict[str, Any]] = {
        "targets": [{"address": "192.0.2.1"}]
    }

    def setUp(self) -> None:
        self.cancelled = threading.Event()
        self.tasks = tasks.Registry()
        self.addCleanup(self.tasks.close)
        self.handlers: dict[str, Any] = {
            name: mock.Mock(return_value=SNAPSHOT)
            for name in contract.OPERATIONS
        }
        self.icmp = self.handlers["probe.icmp"]
        self.operations = operations.Operations(
            self.handlers, 2, self.cancelled, self.tasks
        )

    def perform(self, hold: Any) -> dict[str, Any]:
        return self.operations.perform(
            contract.PROBE_ICMP, self.arguments, hold
        )

    def test_not_held(self) -> None:
        self.assertIn("data", self.perform(None))
        self.assertIs(self.cancelled, self.icmp.call_args.args[1])
        self.icmp.assert_called_once()

    def test_a_task_while_it_lasts(self) -> None:
        told: list[task_model.TaskInfo] = []

        def listed(_request: Any, ended: threading.Event) -> Any:
            told.extend(self.tasks.list().tasks)
            self.assertFalse(ended.is_set())
            return SNAPSHOT

        self.icmp.side_effect = listed
        self.assertIn("data", self.perform(self.hold))
        (task,) = told
        self.assertEqual(
            (self.hold["id"], "probe.icmp", "5 packets to 192.0.2.1"),
            (task.id, task.kind, task.detail),
        )
        self.assertGreater(task.remaining, 10.0)
        self.assertEqual((), self.tasks.list().tasks)

    def end(self, end: Callable[[], object]) -> dict[str, Any]:
        """Have it end while it is performed; return the reply."""

        def ended_early(_request: Any, ended: threading.Event) -> Any:
            end()
            self.assertTrue(ended.wait(10))
            raise errors.OperationError(
                errors.ErrorCode.FAILED, "the agent is stopping"
            )

        self.icmp.side_effect = ended_early
        error: dict[str, Any] = self.perform(self.hold)["error"]
        self.assertEqual("failed", error["code"])
        self.assertEqual((), self.tasks.list().tasks)
        return error

    def test_stopped(self) -> None:
        error = self.end(
            lambda: self.tasks.stop(requests.TaskStop(id=self.hold["id"]))
        )
        self.assertIn("its task was stopped", error["message"])

    def test_the_lease_ends(self) -> None:
        now = 0.0
        self.tasks = tasks.Registry(clock=lambda: now)
        self.addCleanup(self.tasks.close)
        self.operations = operations.Operations(
            self.handlers, 2, self.cancelled, self.tasks
        )

        def pass_time() -> None:
            nonlocal now
            now = 15.0
            self.tasks.expire()

        error = self.end(pass_time)
        self.assertIn("nobody renewed its lease", error["message"])

    def test_the_agent_stops(self) -> None:
        def stop() -> None:
            self.cancelled.set()
            self.tasks.close()

        self.assertEqual("the agent is stopping", self.end(stop)["message"])

    def test_what_fails_by_itself(self) -> None:
        self.icmp.side_effect = errors.OperationError(
            errors.ErrorCode.FAILED, "no such device"
        )
        self.assertEqual(
            "no such device", self.perform(self.hold)["error"]["message"]
        )
        self.assertEqual((), self.tasks.list().tasks)

    def test_what_is_no_hold(self) -> None:
        for hold in ("x", {"id": "x", "lease": 15.0}, {"lease": 15.0}):
            error = self.perform(hold)["error"]
            self.assertEqual("bad-argument", error["code"])
            self.assertIn("hold", error["message"])
        self.icmp.assert_not_called()

    def test_what_need_not_be_held(self) -> None:
        self.operations.perform(contract.INSPECT_AGENT, {}, self.hold)
        self.handlers["inspect.agent"].assert_called_once_with(
            requests.InspectAgent()
        )
