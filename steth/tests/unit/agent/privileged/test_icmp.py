# SPDX-License-Identifier: Apache-2.0
"""Tests of the prober's loop, with a network and a clock from a script."""

import errno
import os
import select
import time
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import echo_sockets
from steth.agent.privileged import icmp
from steth.agent.privileged import namespaces
from steth.agent.privileged import packet_watch
from steth.agent.privileged import solicitor
from steth.agent.privileged import stopping
from steth.agent.probe import diagnosis
from steth.agent.probe import resolution
from steth.agent.probe import session as session_module
from steth.agent.probe import tally
from steth.rpc import requests

_SECOND = 10**9


class _Network:
    """Answers every packet after a while, unless it is to be silent.

    It stands for the clock, the sockets and the watch at once.
    """

    def __init__(self) -> None:
        self.now = 10**15
        self.delay: int | None = 1_000_000
        self.session: session_module.Session | None = None
        self.sent_at: list[int] = []
        self.due: list[tuple[int, int]] = []
        self.drained_at: list[int] = []
        self.closed = 0
        self.events: list[list[tuple[int, int]]] = []
        self.registered: set[int] = set()
        self.answering = False

    # The clock.
    def monotonic_ns(self) -> int:
        self.now += 1000
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * _SECOND)

    # select.poll
    def register(self, descriptor: int, events: int) -> None:
        self.registered.add(descriptor)

    def unregister(self, descriptor: int) -> None:
        self.registered.discard(descriptor)

    def poll(self, milliseconds: int) -> list[tuple[int, int]]:
        self.now += milliseconds * 1_000_000
        if self.answering and 77 in self.registered:
            return [(77, select.POLLIN)]
        return self.events.pop(0) if self.events else []

    # The sockets.
    def senders(self, session: session_module.Session) -> "_Network":
        self.session = session
        return self

    def receivers(self, session: session_module.Session, _: int) -> "_Network":
        return self

    def send(self, packet: int) -> None:
        assert self.session is not None
        self.sent_at.append(self.now)
        self.session.sent(packet, self.now, self.now)
        if self.delay is not None:
            self.due.append((self.now + self.delay, packet))

    def filenos(self) -> list[int]:
        return [77]

    def drain(self) -> None:
        self.drained_at.append(self.now)
        assert self.session is not None
        while self.due and self.due[0][0] <= self.now:
            at, packet = self.due.pop(0)
            number, index = divmod(packet, len(self.session.targets))
            self.session.tally.answered(index, number, at, self.now)

    def lost(self) -> int:
        return 3

    def close(self) -> None:
        self.closed += 1


class RunTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.network = _Network()
        self.watch = mock.Mock()
        self.watch.results.return_value = ()
        self.watch.lost.return_value = 0
        self.asked: list[dict[str, Any]] = []
        self.solicitor = mock.Mock()
        for module, name, new in (
            (time, "monotonic_ns", self.network.monotonic_ns),
            (time, "sleep", self.network.sleep),
            (select, "poll", lambda: self.network),
            (echo_sockets, "Senders", self.network.senders),
            (echo_sockets, "Receivers", self.network.receivers),
            (packet_watch, "PacketWatch", mock.Mock(return_value=self.watch)),
            (solicitor, "Solicitor", self.solicitor),
        ):
            patched = mock.patch.object(module, name, new)
            patched.start()
            self.addCleanup(patched.stop)
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)

    def run_probe(self, **values: Any) -> tally.ProbeTally | None:
        arguments = {
            "targets": [{"address": "10.0.0.2"}, {"address": "10.0.0.3"}],
            "count": 4,
            "interval": 0.1,
            "timeout": 1.0,
            **values,
        }
        found = icmp.run(arguments, self.asked, 1000, 5, os.getpid())
        if found is None:
            return None
        return msgspec.convert(found, tally.ProbeTally)

    def test_all_answer(self) -> None:
        found = self.run_probe()
        assert found is not None
        self.assertEqual([4, 4], [one.received for one in found.targets])
        self.assertEqual(3, found.lost)
        # It does not wait for what has come already.
        self.assertLess(found.duration, 1.4)

    def test_inside_a_namespace(self) -> None:
        entered = []

        def inside(name: str, function: Any) -> Any:
            entered.append(name)
            return function()

        contexts.namespace_probe.set_client_mode(False)
        self.addCleanup(contexts.namespace_probe.set_client_mode, True)
        arguments = msgspec.to_builtins(
            requests.ProbeIcmp(
                targets=(requests.IcmpTarget(address="10.0.0.2"),), count=2
            )
        )
        with mock.patch.object(namespaces, "inside", inside):
            found = icmp.run_inside(
                "qrouter-1", arguments, 1000, 5, os.getpid()
            )
        self.assertEqual(["qrouter-1"], entered)
        explained = msgspec.convert(found, diagnosis.Explained)
        (one,) = explained.tally.targets
        self.assertEqual((2, 2), (one.sent, one.received))

    def test_the_pace(self) -> None:
        self.run_probe()
        sent = self.network.sent_at
        self.assertEqual(8, len(sent))
        for number, at in enumerate(sent):
            self.assertAlmostEqual(
                number * 0.05, (at - sent[0]) / _SECOND, delta=0.001
            )

    def test_nobody_answers(self) -> None:
        self.network.delay = None
        found = self.run_probe()
        assert found is not None
        self.assertEqual([0, 0], [one.received for one in found.targets])
        self.assertAlmostEqual(0.35 + 1.0, found.duration, delta=0.05)

    def test_answers_are_read_while_it_sends(self) -> None:
        self.run_probe(count=100, interval=0.01)
        gaps = [
            after - one
            for one, after in zip(
                self.network.drained_at,
                self.network.drained_at[1:],
                strict=False,
            )
        ]
        self.assertLess(max(gaps), 30_000_000)

    def test_the_watch_spans_delay_and_linger(self) -> None:
        found = self.run_probe(watch=True, delay=0.5, linger=0.7)
        assert found is not None
        began = self.network.sent_at[0] - round(0.5 * _SECOND)
        self.assertAlmostEqual(0.5 + 0.35 + 0.7, found.duration, delta=0.1)
        self.assertGreater(
            sum(
                one < self.network.sent_at[0]
                for one in self.network.drained_at
            ),
            20,
            "the watch was not emptied before the first packet",
        )
        self.assertGreater(self.network.drained_at[0], began)
        self.watch.close.assert_called_once_with()

    def test_the_ceiling_in_seconds(self) -> None:
        with mock.patch.object(icmp, "_GRACE", 2 - requests.MAX_SECONDS):
            found = self.run_probe(count=100, interval=0.1)
        assert found is not None
        one = found.targets[0]
        self.assertGreater(one.sent, 15)
        self.assertLess(one.sent, 25)
        assert one.failure is not None
        self.assertEqual(errno.ETIME, one.failure.number)

    def test_cancelled(self) -> None:
        self.network.delay = None
        for after in range(3):
            self.network.events = [[]] * after + [[(9, select.POLLIN)]]
            self.assertIsNone(self.run_probe())

    def test_an_answer_is_no_cancellation(self) -> None:
        self.network.delay = None
        self.network.answering = True
        self.assertIsNotNone(self.run_probe())

    def test_nothing_is_left_open(self) -> None:
        before = os.listdir("/proc/self/fd")
        self.run_probe()
        self.network.events = [[(9, select.POLLIN)]]
        self.run_probe()
        self.assertEqual(4, self.network.closed)
        self.assertEqual(len(before), len(os.listdir("/proc/self/fd")))
        self.assertEqual({}, stopping._wakers)
        self.assertEqual(set(), icmp._identifiers)

    def test_what_it_does_not_take(self) -> None:
        good: dict[str, Any] = {"targets": [{"address": "10.0.0.2"}]}
        for arguments, *numbers in (
            ({}, 1000, 5, 1),
            ({"targets": [{"address": "10.0.0.2; id"}]}, 1000, 5, 1),
            ({**good, "count": 100_000}, 1000, 5, 1),
            ({**good, "more": 1}, 1000, 5, 1),
            (good, 0, 5, 1),
            (good, 1_000_000, 5, 1),
            (good, "1000", 5, 1),
            (good, 1000, -5, 1),
            (good, 1000, 5, 0),
        ):
            with self.subTest(numbers=numbers), self.assertRaises(ValueError):
                icmp.run(arguments, [], *numbers)
        self.assertEqual([], self.network.sent_at)

    def test_a_watched_probe_asks_before_and_after(self) -> None:
        question = resolution.Question(
            device=2, mac=bytes(6), source=bytes(4), target=bytes([1] * 4)
        )
        self.asked = msgspec.to_builtins([question])
        self.run_probe(watch=True)
        self.solicitor.assert_called_once_with([question])
        asker = self.solicitor.return_value
        self.assertEqual(2, asker.ask_all.call_count)
        asker.close.assert_called_once_with()

    def test_an_unwatched_probe_asks_nobody(self) -> None:
        self.run_probe()
        self.solicitor.assert_not_called()

    def test_what_it_does_not_ask(self) -> None:
        good = {"targets": [{"address": "10.0.0.2"}], "watch": True}
        for asked in (
            {"device": 0, "mac": "AAAAAAAA", "source": "", "target": ""},
            {"device": 1, "mac": "AA==", "source": "AAAAAA==", "target": ""},
        ):
            with self.assertRaises(ValueError):
                icmp.run(good, [asked], 1000, 5, os.getpid())
