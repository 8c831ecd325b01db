# SPDX-License-Identifier: Apache-2.0
"""Captures as tasks, with a tcpdump that the tests play."""

from collections.abc import Callable
import os
import time
from typing import Any
import unittest
from unittest import mock

from steth.agent import programs as agent_programs
from steth.agent import tasks
from steth.agent.capture import point
from steth.agent.capture import session
from steth.model import capture
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.agent.capture import programs
from steth.tests.unit.model import test_pcap

_PACKET = test_pcap.record(b"x" * 84)


class SessionTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.programs = programs.Programs()
        for place, name, fake in (
            (point, "privileged_capture", self.programs),
            (point, "LINGER", 0.0),
            (agent_programs, "find", lambda name: f"/usr/bin/{name}"),
        ):
            patcher = mock.patch.object(place, name, fake)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.now = 0.0
        self.registry = tasks.Registry(clock=lambda: self.now)
        self.addCleanup(self.registry.close)
        self.captures = session.Captures(self.registry)

    def start(self, *devices: str, **changes: Any) -> capture.CaptureStarted:
        return self.captures.start(
            requests.CaptureStart(
                points=tuple(
                    requests.CapturePoint(device=one) for one in devices
                ),
                **{"size": 1 << 20, "seconds": 60.0, **changes},
            )
        )

    def begun(self, *devices: str, **changes: Any) -> str:
        started = self.start(*devices, **changes)
        assert started.task is not None
        return started.task.id

    def read(self, task: str, *offsets: int) -> list[capture.CapturePiece]:
        return list(
            self.captures.read(
                requests.CaptureRead(id=task, offsets=offsets, limit=1 << 20)
            ).pieces
        )

    def await_true(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), end)
            # What a capture's thread has read is seen by asking only.
            time.sleep(0.005)

    def test_captured_read_and_ended(self) -> None:
        task = self.begun("eth1", "eth2")
        self.programs.write(_PACKET)
        self.await_true(
            lambda: [one.packets for one in self.read(task, 0, 0)] == [1, 1]
        )
        self.assertFalse(self.read(task, 0, 0)[0].ended)
        self.captures.end(requests.CaptureEnd(id=task))
        for piece in self.read(task, 0, 24):
            self.assertTrue(piece.ended)
            self.assertIsNone(piece.error)
            self.assertEqual(
                capture.Kernel(received=9, dropped=2), piece.kernel
            )
            self.assertTrue(piece.data.endswith(_PACKET))
        self.assertEqual(2, len(self.programs.ended))

    def test_one_of_two_points(self) -> None:
        self.programs.says["eth9"] = b"tcpdump: eth9: No such device exists\n"
        started = self.start("eth1", "eth9")
        self.assertEqual((None, "eth9: No such device exists"), started.errors)
        assert started.task is not None
        good, bad = self.read(started.task.id, 0, 0)
        self.assertEqual((False, True), (good.ended, bad.ended))

    def test_no_point_at_all(self) -> None:
        self.programs.says["eth9"] = b"tcpdump: can't parse filter\n"
        started = self.start("eth9")
        self.assertEqual((None, ("can't parse filter",)),
                         (started.task, started.errors))  # fmt: skip
        self.assertEqual((), self.registry.list().tasks)

    def test_another_device_than_asked_for(self) -> None:
        with mock.patch.object(
            programs, "LISTENING", b"tcpdump: listening on any%.0s, x\n"
        ):
            started = self.start("1")
        self.assertIn("would listen on any", str(started.errors[0]))

    def test_the_interface_vanishes(self) -> None:
        task = self.begun("eth1")
        (pid,) = self.programs._pipes
        os.write(
            self.programs._pipes[pid][1],
            b"tcpdump: pcap_loop: The interface disappeared\n",
        )
        self.programs.end(pid)
        self.await_true(lambda: self.read(task, 0)[0].ended)
        self.assertEqual(
            "pcap_loop: The interface disappeared",
            self.read(task, 0)[0].error,
        )

    def test_as_many_packets_as_wanted(self) -> None:
        task = self.begun("eth1", packets=1)
        self.programs.write(_PACKET)
        (pid,) = self.programs._pipes
        self.programs.end(pid)
        self.await_true(lambda: self.read(task, 0)[0].ended)
        self.assertIsNone(self.read(task, 0)[0].error)

    def test_its_time_is_over(self) -> None:
        task = self.begun("eth1", seconds=0.05)
        self.await_true(lambda: self.read(task, 0)[0].ended)
        self.assertIsNone(self.read(task, 0)[0].error)

    def test_the_lease_ends(self) -> None:
        task = self.begun("eth1", lease=5.0)
        self.now = 31.0
        self.registry.expire()
        self.await_true(lambda: len(self.programs.ended) == 1)
        with self.assertRaisesRegex(errors.OperationError, "no task"):
            self.read(task, 0)

    def test_reading_renews_the_lease(self) -> None:
        task = self.begun("eth1", lease=5.0)
        for seconds in (4, 20, 20):
            self.now += seconds
            self.registry.expire()
            self.read(task, 0)
        self.assertEqual([], self.programs.ended)

    def test_too_many(self) -> None:
        for _ in range(session.MAX_CAPTURES):
            self.begun("eth1")
        with self.assertRaisesRegex(errors.OperationError, "4 captures"):
            self.start("eth1")
        self.registry.close()
        self.assertEqual(session.MAX_CAPTURES, len(self.programs.ended))

    def test_too_many_programs(self) -> None:
        self.programs.too_many = True
        self.assertIn("64 captures", str(self.start("eth1").errors[0]))

    def test_somebody_else_delivers(self) -> None:
        self.programs.starter += 1
        with mock.patch.object(point, "_DELIVERY", 0.1):
            started = self.start("eth1")
        self.assertIn("did not come", str(started.errors[0]))
        self.assertEqual(1, len(self.programs.ended))

    def test_without_tcpdump(self) -> None:
        error = errors.OperationError(errors.ErrorCode.MISSING, "no tcpdump")
        with (
            mock.patch.object(
                agent_programs, "find", autospec=True, side_effect=error
            ),
            self.assertRaises(errors.OperationError),
        ):
            self.start("eth1")

    def test_without_the_privilege(self) -> None:
        with mock.patch.object(
            self.programs,
            "start",
            autospec=True,
            side_effect=PermissionError("no"),
        ):
            started = self.start("eth1")
        self.assertIn("[steth_capture] helper_command", str(started.errors[0]))

    def test_wrong_offsets(self) -> None:
        task = self.begun("eth1")
        for offsets in ((0, 0), (25,)):
            with self.assertRaises(errors.OperationError) as caught:
                self.read(task, *offsets)
            self.assertEqual("offsets", caught.exception.argument)

    def test_another_kind_of_task(self) -> None:
        other = self.registry.start("x", "", 60, lambda _: lambda: None)
        with self.assertRaisesRegex(errors.OperationError, "not a capture"):
            self.read(other.id, 0)
