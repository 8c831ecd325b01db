# SPDX-License-Identifier: Apache-2.0
"""Tests of sending frames, without a packet socket."""

import errno
import os
import socket
import time
from typing import Any
import unittest
from unittest import mock

from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces
from steth.agent.privileged import packets

_FRAME = bytes(60)


class SendTestCase(unittest.TestCase):
    def setUp(self) -> None:
        for one in (contexts.probe, contexts.namespace_probe):
            one.set_client_mode(False)
            self.addCleanup(one.set_client_mode, True)
        self.now = 0.0
        self.sent_at: list[float] = []
        self.socket = mock.MagicMock()
        self.socket.__enter__.return_value = self.socket
        self.socket.send.side_effect = self.sent
        for module, name, new in (
            (socket, "socket", mock.Mock(return_value=self.socket)),
            (time, "monotonic", lambda: self.now),
            (time, "sleep", self.sleep),
        ):
            patched = mock.patch.object(module, name, new)
            patched.start()
            self.addCleanup(patched.stop)

    def sent(self, frame: bytes) -> None:
        self.sent_at.append(round(self.now, 6))

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def test_apart(self) -> None:
        self.assertEqual((0, None), packets.send("eth0", [_FRAME] * 3, 0.1))
        self.socket.bind.assert_called_once_with(("eth0", 0))
        self.assertEqual([0.0, 0.1, 0.2], self.sent_at)

    def test_refused(self) -> None:
        self.socket.send.side_effect = [
            None,
            OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE)),
        ]
        self.assertEqual(
            (1, "Message too long"), packets.send("eth0", [_FRAME] * 2, 0.0)
        )

    def test_inside(self) -> None:
        entered = []

        def inside(name: str, function: Any) -> Any:
            entered.append(name)
            return function()

        with mock.patch.object(namespaces, "inside", inside):
            packets.send_inside("qrouter-1", "qr-1", [_FRAME], 0.0)
        self.assertEqual(["qrouter-1"], entered)
        self.assertEqual([0.0], self.sent_at)

    def test_what_it_does_not_take(self) -> None:
        for frames, interval in (
            ("frames", 0.0),
            ([_FRAME] * 10_001, 0.0),
            ([bytes(13)], 0.0),
            ([bytes(65_536)], 0.0),
            (["x" * 60], 0.0),
            ([bytes(60_000)] * 70, 0.0),
            ([_FRAME] * 3, 0.6),
            ([_FRAME] * 3, -0.1),
            ([_FRAME] * 3, "0"),
        ):
            with self.assertRaises(ValueError):
                packets.send("eth0", frames, interval)
            with self.assertRaises(ValueError):
                packets.send_inside("a", "eth0", frames, interval)
        self.socket.bind.assert_not_called()
