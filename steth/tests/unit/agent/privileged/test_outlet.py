# SPDX-License-Identifier: Apache-2.0
"""Tests of sending frames at a pace, without a packet socket."""

import errno
import os
import socket
import struct
import time
import unittest
from unittest import mock

from steth.agent.privileged import outlet

_FRAME = bytes(60)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class OutletTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.sent_at: list[float] = []
        self.socket = mock.MagicMock(spec=socket.socket)
        self.socket.getsockname.return_value = ("eth0", 0, 0, 1, b"\2mac")
        self.socket.send.side_effect = self.sent
        for module, name, new in (
            (socket, "socket", mock.Mock(return_value=self.socket)),
            (time, "monotonic", lambda: self.now),
            (time, "sleep", self.pass_time),
        ):
            patched = mock.patch.object(module, name, new)
            patched.start()
            self.addCleanup(patched.stop)

    def sent(self, frame: bytes) -> None:
        self.sent_at.append(round(self.now, 6))

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def send(self, frames: int, interval: float) -> outlet.Progress:
        with outlet.Outlet("eth0") as out:
            return out.send([_FRAME] * frames, interval)

    def test_the_interface(self) -> None:
        with outlet.Outlet("eth0") as out:
            self.assertEqual(b"\2mac", out.mac)
            self.socket.close.assert_not_called()
        self.socket.bind.assert_called_once_with(("eth0", 0))
        self.socket.close.assert_called_once_with()

    def test_no_such_interface(self) -> None:
        self.socket.bind.side_effect = _error(errno.ENODEV)
        with self.assertRaises(OSError):
            outlet.Outlet("eth0")
        self.socket.close.assert_called_once_with()

    def test_apart(self) -> None:
        self.assertEqual((3, 0, None), self.send(3, 0.1))
        self.assertEqual([0.0, 0.1, 0.2], self.sent_at)

    def test_no_burst_follows_a_stall(self) -> None:
        def sent(frame: bytes) -> None:
            self.sent(frame)
            self.now += 0.5 if len(self.sent_at) == 1 else 0.0

        self.socket.send.side_effect = sent
        self.send(4, 0.1)
        self.assertEqual([0.0, 0.5, 0.58, 0.68], self.sent_at)

    def test_refused(self) -> None:
        self.socket.send.side_effect = [None, _error(errno.EMSGSIZE)]
        self.assertEqual((2, 1, "Message too long"), self.send(2, 0.0))

    def test_a_queue_that_is_full_is_waited_for_in_bounds(self) -> None:
        self.socket.send.side_effect = [None, _error(errno.EAGAIN)]
        self.assertEqual((1, 0, "no room in its queue"), self.send(5, 0.0))
        self.assertEqual(2, self.socket.send.call_count)
        level, option, value = self.socket.setsockopt.call_args.args
        self.assertEqual(
            (socket.SOL_SOCKET, socket.SO_SNDTIMEO), (level, option)
        )
        self.assertEqual((0, 200_000), struct.unpack("@ll", value))

    def test_a_call_is_over_in_time(self) -> None:
        def sent(frame: bytes) -> None:
            self.sent(frame)
            self.now += 0.3

        self.socket.send.side_effect = sent
        self.assertEqual((4, 0, None), self.send(100, 0.0))
        self.assertEqual([0.0, 0.3, 0.6, 0.9], self.sent_at)
