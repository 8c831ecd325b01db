# SPDX-License-Identifier: Apache-2.0
"""The delay line, with sockets in place of devices."""

import socket
import threading
import time
import unittest

from steth.lab import delay

DELAY = 0.1


class DelayTestCase(unittest.TestCase):
    """One direction late and in order, the other at once."""

    def setUp(self) -> None:
        self.port, port = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        self.tap, tap = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        for one in (port, self.tap, tap):
            self.addCleanup(one.close)
        self.port.settimeout(10)
        self.tap.settimeout(10)
        line = threading.Thread(
            target=delay.run, args=(port, tap.fileno(), DELAY), daemon=True
        )
        line.start()
        self.addCleanup(line.join, 10)
        self.addCleanup(self.port.close)

    def test_frames_of_the_port_come_late_and_in_order(self) -> None:
        began = time.monotonic()
        frames = [bytes([number]) for number in range(20)]
        for frame in frames:
            self.port.send(frame)
        self.assertEqual(frames, [self.tap.recv(9) for _ in frames])
        self.assertGreaterEqual(time.monotonic() - began, DELAY)

    def test_frames_of_the_tap_do_not_wait(self) -> None:
        self.port.send(b"late")
        self.tap.send(b"at once")
        self.assertEqual(b"at once", self.port.recv(99))
        self.tap.setblocking(False)
        self.assertRaises(BlockingIOError, self.tap.recv, 9)
