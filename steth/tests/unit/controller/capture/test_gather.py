# SPDX-License-Identifier: Apache-2.0
"""Captures of scripted agents, with all that can be lost on the way."""

import pathlib
import tempfile
import threading
import time
import unittest
from unittest import mock

from steth.controller.capture import file
from steth.controller.capture import gather
from steth.controller.capture import points
from steth.controller.capture import stream
from steth.model import agent
from steth.rpc import contract
from steth.tests.unit.controller.capture import agents
from steth.tests.unit.controller.capture import blocks

_DIRECT = agent.Transport.DIRECT


class GatherTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "a.pcapng"
        self.stopped = threading.Event()
        self.said: list[str] = []
        patcher = mock.patch.object(gather, "_INTERVAL", 0.02)
        patcher.start()
        self.addCleanup(patcher.stop)

    def run_(
        self,
        fleet: agents.Fleet,
        *names: str,
        seconds: float = 5.0,
    ) -> list[stream.Stream]:
        wanted = gather.Wanted(
            points=tuple(map(points.parse, names)),
            seconds=seconds,
            size=1 << 20,
        )
        with file.CaptureFile(self.path, "test") as target:
            one = gather.Gathering(
                fleet, wanted, target, self.said.append, self.stopped
            )
            one.run()
            return one.streams

    def test_several_points(self) -> None:
        two, three = agents.Agent(2), agents.Agent(3)
        streams = self.run_(
            agents.Fleet({"a": two, "b": three}), "b:x", "a:y", "b:z"
        )
        self.assertEqual([3, 2, 3], [one.packets for one in streams])
        found = blocks.read(self.path)
        self.assertEqual(
            [b"b:x", b"a:y", b"b:z"], [one[2] for one in found.interfaces]
        )
        times = [one[1] for one in found.packets]
        self.assertEqual(sorted(times), times)
        self.assertEqual([0, 1, 2], [one for one, _ in found.statistics])
        self.assertTrue(two.stopped and three.stopped)

    def test_one_clock_is_off(self) -> None:
        hosts = {name: agents.Agent(1) for name in "abc"}
        hosts["b"].time += 7.0
        self.run_(agents.Fleet(hosts), "a:x", "b:x", "c:x")
        times = {one[0]: one[1] for one in blocks.read(self.path).packets}
        self.assertAlmostEqual(-7e9, _signed(times[1] - times[0]), delta=1000)
        self.assertEqual(times[0], times[2])

    def test_two_clocks_and_our_own(self) -> None:
        """Whose is right is known here, and ours is near that of b."""
        hosts = {name: agents.Agent(1) for name in "ab"}
        # The fleet says that all replies came at 500 by our monotonic clock.
        hosts["b"].time = time.time() - time.monotonic() + 500
        hosts["a"].time = hosts["b"].time - 7.0
        late, right = self.run_(agents.Fleet(hosts), "a:x", "b:x")
        assert late.clock is not None
        assert right.clock is not None
        self.assertAlmostEqual(-7, late.clock.offset, delta=0.1)
        self.assertAlmostEqual(0, right.clock.offset, delta=0.1)

    def test_nothing_is_fetched_before_the_end(self) -> None:
        """It would be captured, where the way to the agent is captured."""
        one = agents.Agent(ends=False)
        self.run_(agents.Fleet({"a": one}), "a:x", seconds=0.1)
        end = one.heard.index("capture.end")
        before = one.heard[:end].count("capture.read")
        self.assertGreater(before, 0)
        self.assertEqual({0}, {limit for _, limit in one.limits[:before]})

    def test_much_is_fetched_at_once(self) -> None:
        """Else the agent's memory would not do."""
        one = agents.Agent(120_000, ends=False)
        (found,) = self.run_(agents.Fleet({"a": one}), "a:x", seconds=0.1)
        self.assertEqual(120_000, found.packets)
        end = one.heard.index("capture.end")
        before = one.heard[:end].count("capture.read")
        self.assertEqual(
            [0, 8 << 20], [limit for _, limit in one.limits[:before]][:2]
        )

    def test_all_have_ended_by_themselves(self) -> None:
        began = time.monotonic()
        self.run_(agents.Fleet({"a": agents.Agent()}), "a:x", seconds=60)
        self.assertLess(time.monotonic() - began, 10)

    def test_by_each_transport(self) -> None:
        for direct, limit in ((True, 8 << 20), (False, 512 << 10)):
            one = agents.Agent(20_000, direct=direct)
            (found,) = self.run_(agents.Fleet({"a": one}), "a:x")
            self.assertEqual(20_000, found.packets)
            self.assertEqual(
                {(_DIRECT if direct else None, limit)},
                {one for one in one.limits if one[1]},
            )

    def test_another_host_has_its_address(self) -> None:
        """What it captures would bear the wrong name, and its clock."""
        one = agents.Agent(host="b")
        (found,) = self.run_(agents.Fleet({"a": one}), "a:x")
        self.assertEqual((3, None), (found.packets, found.remark))
        self.assertEqual({None}, {only for only, _ in one.limits})

    def test_the_listener_is_lost(self) -> None:
        one = agents.Agent(ends=False)

        def before(operation: contract.Operation) -> None:
            one.direct &= operation is not contract.CAPTURE_END

        (found,) = self.run_(
            agents.Fleet({"a": one}, before), "a:x", seconds=0.1
        )
        self.assertEqual((3, None), (found.packets, found.remark))

    def test_one_point_is_refused(self) -> None:
        one = agents.Agent(refused={"y": "y: No such device exists"})
        good, bad = self.run_(agents.Fleet({"a": one}), "a:x", "a:y")
        self.assertEqual((3, None), (good.packets, good.error))
        self.assertEqual((None, "y: No such device exists"),
                         (bad.number, bad.error))  # fmt: skip

    def test_an_agent_without_an_answer(self) -> None:
        gone = agents.Agent()
        gone.silent.add("capture.start")
        good, bad = self.run_(
            agents.Fleet({"a": agents.Agent(), "b": gone}), "a:x", "b:x"
        )
        self.assertEqual((3, 0), (good.packets, bad.packets))
        self.assertEqual("timed out", bad.error)

    def test_an_agent_is_lost(self) -> None:
        gone = agents.Agent(ends=False)
        gone.silent.add("capture.read")
        good, bad = self.run_(
            agents.Fleet({"a": agents.Agent(), "b": gone}),
            "a:x",
            "b:x",
        )
        self.assertEqual(3, good.packets)
        self.assertIn("lost during the capture: timed out", bad.error or "")
        # It may hear that.
        self.assertTrue(gone.stopped)

    def test_interrupted(self) -> None:
        one = agents.Agent(ends=False)

        def before(operation: contract.Operation) -> None:
            if operation is contract.CAPTURE_READ:
                self.stopped.set()

        began = time.monotonic()
        (found,) = self.run_(
            agents.Fleet({"a": one}, before), "a:x", seconds=60
        )
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(3, found.packets)

    def test_the_disk_is_full(self) -> None:
        one = agents.Agent()
        with (
            file.CaptureFile(self.path, "test") as target,
            mock.patch.object(
                target,
                "add_packets",
                autospec=True,
                side_effect=file.FileError("no space"),
            ),
        ):
            gathering = gather.Gathering(
                agents.Fleet({"a": one}),
                gather.Wanted(
                    points=(points.parse("a:x"),), seconds=5, size=1 << 20
                ),
                target,
                self.said.append,
                self.stopped,
            )
            with self.assertRaises(file.FileError):
                gathering.run()
        self.assertTrue(one.stopped)


def _signed(time_: int) -> int:
    """Return a difference of times, which a file writes without a sign."""
    return time_ - (1 << 64) if time_ >> 63 else time_
