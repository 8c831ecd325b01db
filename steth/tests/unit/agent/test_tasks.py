# SPDX-License-Identifier: Apache-2.0

import threading
import unittest
from unittest import mock

from steth.agent import tasks
from steth.model import task as task_model
from steth.rpc import errors
from steth.rpc import requests

_TIMEOUT = 10.0


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class RegistryTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.undone: list[str] = []
        self.registry = tasks.Registry(limit=3, clock=self.clock)
        self.addCleanup(self.registry.close)

    def start(self, detail: str, lease: float) -> task_model.TaskInfo:
        return self.registry.start(
            "probe.test",
            detail,
            lease,
            lambda _: lambda: self.undone.append(detail),
        )

    def assert_error(
        self, code: errors.ErrorCode, error: errors.OperationError
    ) -> None:
        self.assertEqual(code, error.code)

    def test_lease_ends(self) -> None:
        self.start("long", 60.0)
        self.start("short", 10.0)
        self.clock.now += 9.0
        self.assertEqual(1.0, self.registry.expire())
        self.assertEqual([], self.undone)
        self.clock.now += 1.0
        self.assertEqual(50.0, self.registry.expire())
        self.assertEqual(["short"], self.undone)
        self.clock.now += 50.0
        self.assertIsNone(self.registry.expire())
        self.assertEqual(["short", "long"], self.undone)

    def test_what_is_told(self) -> None:
        told = self.start("one", 60.0)
        self.assertEqual("probe.test", told.kind)
        self.assertEqual(60.0, told.remaining)
        self.clock.now += 20.0
        (listed,) = self.registry.list().tasks
        self.assertEqual(told.id, listed.id)
        self.assertEqual(told.started_at, listed.started_at)
        self.assertEqual(40.0, listed.remaining)

    def test_an_id_that_the_caller_chose(self) -> None:
        def start(task_id: str) -> task_model.TaskInfo:
            return self.registry.start(
                "probe.test", "", 5.0, lambda _: lambda: None, task_id
            )

        self.assertEqual("1" * 32, start("1" * 32).id)
        with self.assertRaisesRegex(
            errors.OperationError, "already"
        ) as caught:
            start("1" * 32)
        self.assert_error(errors.ErrorCode.BAD_ARGUMENT, caught.exception)
        self.assertEqual("2" * 32, start("2" * 32).id)

    def test_renewed(self) -> None:
        told = self.start("one", 10.0)
        self.clock.now += 9.0
        renewed = self.registry.renew(
            requests.TaskRenew(id=told.id, lease=30.0)
        )
        self.assertEqual(30.0, renewed.remaining)
        self.clock.now += 29.0
        self.assertEqual(1.0, self.registry.expire())
        self.assertEqual([], self.undone)

    def test_stopped_once(self) -> None:
        told = self.start("one", 10.0)
        self.registry.stop(requests.TaskStop(id=told.id))
        self.assertEqual(["one"], self.undone)
        with self.assertRaises(errors.OperationError) as caught:
            self.registry.stop(requests.TaskStop(id=told.id))
        self.assert_error(errors.ErrorCode.BAD_ARGUMENT, caught.exception)
        self.clock.now += 11.0
        self.registry.expire()
        self.assertEqual(["one"], self.undone)

    def test_renew_of_nothing(self) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            self.registry.renew(requests.TaskRenew(id="0" * 32))
        self.assertEqual("id", caught.exception.argument)

    def test_bounded_number(self) -> None:
        for number in range(3):
            self.start(str(number), 10.0)
        with self.assertRaises(errors.OperationError) as caught:
            self.start("more", 10.0)
        self.assert_error(errors.ErrorCode.BUSY, caught.exception)
        self.clock.now += 10.0
        self.registry.expire()
        self.start("more", 10.0)

    def test_begin_fails(self) -> None:
        def begin(_: str) -> tasks.Undo:
            raise errors.OperationError(errors.ErrorCode.MISSING, "no tool")

        with self.assertRaises(errors.OperationError):
            self.registry.start("probe.test", "one", 10.0, begin)
        self.assertEqual((), self.registry.list().tasks)

    def test_lease_runs_from_the_begin(self) -> None:
        def begin(_: str) -> tasks.Undo:
            self.clock.now += 20.0
            self.registry.expire()
            return lambda: None

        told = self.registry.start("probe.test", "one", 10.0, begin)
        self.assertEqual(10.0, told.remaining)

    def test_ends_by_itself(self) -> None:
        told = self.start("one", 10.0)
        self.registry.ended(told.id)
        self.assertEqual((), self.registry.list().tasks)
        self.clock.now += 10.0
        self.assertIsNone(self.registry.expire())
        self.assertEqual([], self.undone)

    def test_ends_by_itself_while_it_begins(self) -> None:
        def begin(task_id: str) -> tasks.Undo:
            self.registry.ended(task_id)
            return lambda: self.undone.append("one")

        self.registry.start("probe.test", "one", 10.0, begin)
        self.assertEqual((), self.registry.list().tasks)
        self.assertEqual([], self.undone)

    def start_stubborn(self, failures: int) -> task_model.TaskInfo:
        """Start a task that cannot be undone for so many times."""
        left = [OSError("busy")] * failures

        def undo() -> None:
            if left:
                raise left.pop()
            self.undone.append("stubborn")

        # Nobody but the test ends leases.
        patched = mock.patch.object(threading, "Thread", autospec=True)
        patched.start()
        self.addCleanup(patched.stop)
        return self.registry.start("probe.test", "bad", 5.0, lambda _: undo)

    def test_one_that_cannot_be_undone(self) -> None:
        """It is tried again, ever more seldom, and the others end."""
        told = self.start_stubborn(2)
        self.start("good", 5.0)
        self.clock.now += 5.0
        with self.assertLogs("steth.agent.tasks", "ERROR"):
            self.assertEqual(1.0, self.registry.expire())
        self.assertEqual(["good"], self.undone)
        self.clock.now += 1.0
        with self.assertLogs("steth.agent.tasks", "ERROR"):
            self.assertEqual(2.0, self.registry.expire())
        (listed,) = self.registry.list().tasks
        self.assertEqual((told.id, 2.0), (listed.id, listed.remaining))
        self.clock.now += 2.0
        self.assertIsNone(self.registry.expire())
        self.assertEqual(["good", "stubborn"], self.undone)

    def test_one_that_cannot_be_stopped(self) -> None:
        told = self.start_stubborn(1)
        with self.assertLogs("steth.agent.tasks", "ERROR"):
            self.registry.stop(requests.TaskStop(id=told.id))
        self.assertEqual(1, len(self.registry.list().tasks))
        self.clock.now += 1.0
        self.assertIsNone(self.registry.expire())
        self.assertEqual(["stubborn"], self.undone)

    def test_one_that_cannot_be_undone_when_the_agent_stops(self) -> None:
        self.start_stubborn(1)
        with self.assertLogs("steth.agent.tasks", "ERROR"):
            self.registry.close()
        self.assertEqual((), self.registry.list().tasks)

    def test_agent_stops(self) -> None:
        self.start("one", 10.0)
        self.start("two", 10.0)
        self.registry.close()
        self.assertEqual(["one", "two"], self.undone)
        with self.assertRaises(errors.OperationError) as caught:
            self.start("three", 10.0)
        self.assert_error(errors.ErrorCode.BUSY, caught.exception)

    def test_agent_stops_while_one_begins(self) -> None:
        def begin(_: str) -> tasks.Undo:
            self.registry.close()
            return lambda: self.undone.append("one")

        with self.assertRaises(errors.OperationError) as caught:
            self.registry.start("probe.test", "one", 10.0, begin)
        self.assert_error(errors.ErrorCode.BUSY, caught.exception)
        self.assertEqual(["one"], self.undone)


class ThreadTestCase(unittest.TestCase):
    """With the real clock, and nobody who calls ``expire``."""

    def test_leases_end(self) -> None:
        registry = tasks.Registry()
        self.addCleanup(registry.close)
        ended = threading.Event()
        others = threading.Event()
        registry.start("probe.test", "long", 60.0, lambda _: others.set)
        registry.start("probe.test", "short", 0.05, lambda _: ended.set)
        self.assertTrue(ended.wait(_TIMEOUT))
        again = threading.Event()
        registry.start("probe.test", "later", 0.05, lambda _: again.set)
        self.assertTrue(again.wait(_TIMEOUT))
        self.assertFalse(others.is_set())
