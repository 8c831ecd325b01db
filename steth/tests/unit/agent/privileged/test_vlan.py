# SPDX-License-Identifier: Apache-2.0
"""Tests of listening and sending, with a ring and socket that a test fills."""

import os
import socket
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import packet_ring
from steth.agent.privileged import vlan
from steth.agent.probe import vlan_frame
from steth.model import vlan as vlan_model
from steth.rpc import requests

MAC = bytes.fromhex("02004c4f4f50")


class _Ring:
    """Stands for the ring: gives what it was given, once."""

    def __init__(self) -> None:
        self.packets: list[packet_ring.Packet] = []
        self.closed = False

    def take(self) -> list[packet_ring.Packet]:
        taken, self.packets = self.packets, []
        return taken

    def lost(self) -> int:
        return 4

    def close(self) -> None:
        self.closed = True


class ListenTestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)
        self.rings: list[_Ring] = []
        self.made = mock.Mock(side_effect=self._make)
        fakes: tuple[tuple[Any, str, Any], ...] = (
            (packet_ring, "PacketRing", self.made),
            (vlan, "_listeners", {}),
            (vlan, "_QUIET", 0.03),
        )
        for module, name, new in fakes:
            patch = mock.patch.object(module, name, new)
            patch.start()
            self.addCleanup(patch.stop)

    def _make(self, *arguments: Any) -> _Ring:
        self.rings.append(_Ring())
        return self.rings[-1]

    def listen(self, run: int = 7, seconds: float = 30.0) -> bool:
        request = requests.VlanListen(
            interface="eth3", run=run, index=0, hosts=2, seconds=seconds
        )
        self.addCleanup(vlan.heard, run)
        begun: bool = vlan.listen(msgspec.to_builtins(request), os.getpid())
        return begun

    def heard(self, run: int = 7) -> vlan_model.VlanReport:
        return msgspec.convert(vlan.heard(run), vlan_model.VlanReport)

    def arrive(self, run: int, sender: int, sent_on: int, tag: int) -> None:
        frame = vlan_frame.build(MAC, run, sender, 0)
        frame = frame[:28] + sent_on.to_bytes(2) + frame[30:]
        self.rings[-1].packets.append(
            packet_ring.Packet(3, False, tag, memoryview(frame))
        )

    def test_heard(self) -> None:
        self.assertTrue(self.listen())
        self.arrive(7, 1, 0, 0)
        self.arrive(8, 1, 0, 0)
        told = self.heard()
        self.assertEqual((1, 4), (told.frames, told.lost))
        self.assertTrue(told.heard[0].untagged)
        self.assertTrue(self.rings[0].closed)
        # An answer that got lost can be asked for again.
        self.assertEqual(told, self.heard())

    def test_what_is_still_on_its_way(self) -> None:
        """A switch that is behind passes frames on, one by one."""
        self.listen()
        left = 5

        def late() -> list[packet_ring.Packet]:
            nonlocal left
            if vlan._listeners[7]._asked_at is None or not left:
                return []
            left -= 1
            self.arrive(7, 1, 0, 0)
            return _Ring.take(self.rings[-1])

        with (
            mock.patch.object(self.rings[-1], "take", late),
            mock.patch.object(vlan, "_QUIET", 0.5),
        ):
            self.assertEqual(5, self.heard().frames)

    def test_frames_without_an_end(self) -> None:
        self.listen()

        def endless() -> list[packet_ring.Packet]:
            self.arrive(7, 1, 0, 0)
            return _Ring.take(self.rings[-1])

        with (
            mock.patch.object(self.rings[-1], "take", endless),
            mock.patch.object(vlan, "_LINGER", 0.1),
        ):
            self.assertLess(0, self.heard().frames)

    def test_once_is_enough(self) -> None:
        self.listen()
        self.listen()
        self.assertEqual(1, len(self.rings))

    def test_a_run_that_is_not_known(self) -> None:
        self.assertIsNone(vlan.heard(99))

    def test_it_ends_by_itself(self) -> None:
        self.listen(seconds=0.01)
        listener = vlan._listeners[7]
        listener._thread.join(5)
        self.assertFalse(listener.is_listening)
        self.assertTrue(self.rings[0].closed)

    def test_not_too_many(self) -> None:
        for run in range(1, 9):
            self.assertTrue(self.listen(run))
        self.assertFalse(self.listen(9))
        self.heard(1)
        self.assertTrue(self.listen(9))

    def test_no_such_interface(self) -> None:
        self.made.side_effect = OSError(19, "No such device")
        before = len(os.listdir("/proc/self/fd"))
        with self.assertRaises(OSError):
            self.listen()
        self.assertEqual(before, len(os.listdir("/proc/self/fd")))
        self.assertEqual({}, vlan._listeners)


class SendTestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)
        self.socket = mock.MagicMock(spec=socket.socket)
        self.socket.getsockname.return_value = ("eth3", 0, 0, 1, MAC)
        patch = mock.patch.object(
            socket, "socket", mock.Mock(return_value=self.socket)
        )
        patch.start()
        self.addCleanup(patch.stop)
        self.request = requests.VlanSend(
            interface="eth3",
            run=7,
            index=1,
            vlans="5-6",
            rounds=2,
            rate=10_000,
        )

    def send(self, first: int = 0, count: int = 100) -> Any:
        return vlan.send(
            msgspec.to_builtins(self.request), first, count, 10_000
        )

    def test_all(self) -> None:
        self.assertEqual((6, 0, None), self.send())
        self.assertEqual(
            [
                mock.call(vlan_frame.build(MAC, 7, 1, number))
                for number in (0, 5, 6, 0, 5, 6)
            ],
            self.socket.send.call_args_list,
        )
        self.socket.bind.assert_called_once_with(("eth3", 0))

    def test_a_part(self) -> None:
        self.assertEqual((2, 0, None), self.send(4, 100))
        self.assertEqual((1, 0, None), self.send(0, 1))

    def test_refused(self) -> None:
        self.socket.send.side_effect = [OSError(105, "No room"), *[60] * 5]
        self.assertEqual((6, 1, "No room"), self.send())

    def test_what_is_no_part(self) -> None:
        for first, count, rate in ((-1, 1, 10), (0, 0, 10), (0, 1, 99_999)):
            with self.assertRaises(ValueError):
                vlan.send(
                    msgspec.to_builtins(self.request), first, count, rate
                )
