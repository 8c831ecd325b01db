# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
import threading
import time
from typing import Any
import unittest
from unittest import mock

from steth.controller import dispatch
from steth.controller import hold as hold_module
from steth.controller import interrupt as interrupt_module
from steth.model import agent
from steth.rpc import errors

BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT


def way(
    run: Callable[[], Any],
    transport: agent.Transport = BUS,
    *,
    timeout: float = 5.0,
    when_delivered: bool = True,
) -> dispatch.Way:
    return dispatch.Way(
        transport=transport,
        name=str(transport),
        run=run,
        timeout=timeout,
        when_delivered=when_delivered,
    )


def raising(error: Exception) -> Callable[[], Any]:
    def run() -> Any:
        raise error

    return run


SILENT = raising(errors.OperationError(errors.ErrorCode.NO_ANSWER, "silent"))
UNDELIVERED = raising(dispatch.NotDeliveredError("nobody there"))


class DispatcherTestCase(unittest.TestCase):
    """Every host gets one outcome, whatever its ways do."""

    def setUp(self) -> None:
        self.interrupt = interrupt_module.Interrupt()
        self.hold = threading.Event()
        # What was given up must not outlive the test.
        self.addCleanup(self.hold.set)

    def hang(self) -> None:
        self.hold.wait(30)

    def ask(
        self, *ways: dispatch.Way, concurrency: int = 8
    ) -> dispatch.Settled:
        call = dispatch.Call(host="a", ways=list(ways))
        dispatcher = dispatch.Dispatcher(concurrency, self.interrupt)
        settled = dispatcher.run([call])
        self.assertEqual(["a"], list(settled))
        return settled["a"]

    def test_first_way_answers(self) -> None:
        one = self.ask(way(lambda: 42), way(self.hang, DIRECT))
        self.assertEqual(42, one.outcome.data)
        self.assertIsNone(one.outcome.error)
        self.assertIs(BUS, one.outcome.transport)
        self.assertEqual((), one.failures)

    def test_second_way_answers(self) -> None:
        one = self.ask(way(SILENT), way(lambda: 42, DIRECT))
        self.assertEqual(42, one.outcome.data)
        self.assertIs(DIRECT, one.outcome.transport)
        self.assertEqual(
            [(BUS, "silent")],
            [(each.transport, each.error.message) for each in one.failures],
        )

    def test_no_way_answers(self) -> None:
        refused = raising(
            errors.OperationError(errors.ErrorCode.REFUSED, "bad password")
        )
        one = self.ask(way(SILENT), way(refused, DIRECT))
        assert one.outcome.error is not None
        self.assertIs(errors.ErrorCode.REFUSED, one.outcome.error.code)
        self.assertEqual(
            "no answer on bus or direct: bus: silent; direct: bad password",
            one.outcome.error.message,
        )
        self.assertIsNone(one.outcome.transport)

    def test_no_way_at_all(self) -> None:
        one = self.ask()
        assert one.outcome.error is not None
        self.assertIs(errors.ErrorCode.NO_ANSWER, one.outcome.error.code)

    def test_agents_own_error_stands(self) -> None:
        busy = raising(errors.OperationError(errors.ErrorCode.BUSY, "busy"))
        one = self.ask(way(busy), way(lambda: 42, DIRECT))
        assert one.outcome.error is not None
        self.assertIs(errors.ErrorCode.BUSY, one.outcome.error.code)
        self.assertIs(BUS, one.outcome.transport)

    def test_what_breaks_is_an_outcome(self) -> None:
        one = self.ask(way(raising(ZeroDivisionError("x"))))
        assert one.outcome.error is not None
        self.assertIs(errors.ErrorCode.INTERNAL, one.outcome.error.code)
        self.assertIn("ZeroDivisionError", one.outcome.error.message)

    def test_what_hangs_is_given_up(self) -> None:
        started = time.monotonic()
        one = self.ask(way(self.hang, timeout=0.0), way(lambda: 42, DIRECT))
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(42, one.outcome.data)
        self.assertIn("timed out", one.failures[0].error.message)

    def test_not_repeatable(self) -> None:
        one = self.ask(
            way(SILENT), way(lambda: 42, DIRECT, when_delivered=False)
        )
        assert one.outcome.error is not None
        self.assertEqual("no answer on bus: silent", one.outcome.error.message)

    def test_not_repeatable_but_not_delivered(self) -> None:
        one = self.ask(
            way(UNDELIVERED), way(lambda: 42, DIRECT, when_delivered=False)
        )
        self.assertEqual(42, one.outcome.data)

    def test_transport_lost_meanwhile(self) -> None:
        begun = threading.Event()

        def run() -> None:
            begun.set()
            self.hang()

        def lose() -> None:
            begun.wait(10)
            self.interrupt.give_up(BUS, "the broker is gone")

        threading.Thread(target=lose, daemon=True).start()
        started = time.monotonic()
        one = self.ask(way(run, timeout=25), way(lambda: 42, DIRECT))
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(42, one.outcome.data)
        self.assertEqual("the broker is gone", one.failures[0].error.message)

    def test_transport_lost_before(self) -> None:
        self.interrupt.give_up(BUS, "gone")
        tried: list[bool] = []
        one = self.ask(
            way(lambda: tried.append(True)),
            way(lambda: 42, DIRECT, when_delivered=False),
        )
        self.assertEqual(42, one.outcome.data)
        self.assertEqual([], tried)

    def test_late_answer_is_dropped(self) -> None:
        late = threading.Event()

        def answer_late() -> str:
            self.hold.wait(30)
            late.set()
            return "late"

        def answer_then() -> str:
            self.hold.set()
            late.wait(10)
            return "in time"

        one = self.ask(way(answer_late, timeout=0.0), way(answer_then, DIRECT))
        self.assertEqual("in time", one.outcome.data)

    def test_bounded_concurrency(self) -> None:
        lock = threading.Lock()
        running = most = 0

        too_many = threading.Event()

        def run() -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
                if running > 2:
                    too_many.set()
            # Long enough for a third to begin, if it may.
            too_many.wait(0.2)
            with lock:
                running -= 1

        calls = [
            dispatch.Call(host=str(one), ways=[way(run)]) for one in range(4)
        ]
        settled = dispatch.Dispatcher(2, self.interrupt).run(calls)
        self.assertEqual(4, len(settled))
        self.assertEqual(2, most)
        self.assertEqual(
            {None}, {one.outcome.error for one in settled.values()}
        )


class HeldTestCase(unittest.TestCase):
    """What agents do for long is not done for nobody."""

    def setUp(self) -> None:
        hang = threading.Event()
        self.addCleanup(hang.set)
        self.hold = mock.create_autospec(hold_module.Hold, instance=True)
        self.way = dispatch.Way(
            transport=BUS,
            name="bus",
            run=lambda: hang.wait(30),
            timeout=0.0,
            hold=self.hold,
        )

    def ask(self, *others: dispatch.Way) -> dict[str, dispatch.Settled]:
        calls = [
            dispatch.Call(host=str(number), ways=[one])
            for number, one in enumerate((self.way, *others))
        ]
        interrupt = interrupt_module.Interrupt()
        return dispatch.Dispatcher(8, interrupt).run(calls)

    def test_interrupted(self) -> None:
        """As by Ctrl-C, which breaks into the wait of the main thread."""
        with (
            mock.patch.object(
                dispatch.Dispatcher,
                "_wait",
                autospec=True,
                side_effect=KeyboardInterrupt,
            ),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.ask(way(lambda: 42))
        self.hold.end.assert_called_once_with()

    def test_given_up(self) -> None:
        self.assertIsNotNone(self.ask()["0"].outcome.error)
        self.hold.let_go.assert_called_once_with()
        self.hold.end.assert_not_called()
