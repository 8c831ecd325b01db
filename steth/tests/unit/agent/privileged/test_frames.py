# SPDX-License-Identifier: Apache-2.0
"""Tests of sending in rounds and hearing meanwhile, without sockets."""

import contextlib
import os
import select
import socket
import time
from typing import Any
import unittest
from unittest import mock

from steth.agent.privileged import frames
from steth.agent.privileged import packet_ring


class _Port:
    """Stands for an interface: hears what it is told to."""

    def __init__(self, interface: str = "eth1") -> None:
        self.interface = interface
        self.sent: list[tuple[float, bytes]] = []
        self.arriving: list[packet_ring.Packet] = []
        self.error: OSError | None = None
        self.ring = mock.Mock()
        self.ring.take.side_effect = self._take
        self.ring.lost.return_value = 3

    def _take(self) -> list[packet_ring.Packet]:
        taken, self.arriving = self.arriving, []
        return taken

    def send(self, data: bytes) -> None:
        if self.error:
            raise self.error
        self.sent.append((time.monotonic(), data))
        self.arriving.append(
            packet_ring.Packet(2, False, 0, memoryview(b"re:" + data))
        )


class TalkTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.heard: list[bytes] = []
        self.waker = os.eventfd(0)
        self.addCleanup(os.close, self.waker)
        self.stops = select.poll()
        self.stops.register(self.waker, select.POLLIN)

    def talk(self, *ports: _Port) -> frames.Talk:
        given: Any = ports
        return frames.Talk(
            given,
            self.stops,
            lambda port, packet: self.heard.append(bytes(packet.data)),
        )

    def run_talk(self, talk: frames.Talk, *sent: Any, rounds: int = 2) -> bool:
        return talk.run(
            sent, rounds=rounds, interval=0.05, timeout=0.02, max_rate=1000
        )

    def test_rounds(self) -> None:
        port: Any = _Port()
        talk = self.talk(port)
        began = time.monotonic()
        self.assertTrue(
            self.run_talk(
                talk, frames.Frame(port, b"a"), frames.Frame(port, b"b")
            )
        )
        self.assertEqual(
            [b"a", b"b", b"a", b"b"], [data for _, data in port.sent]
        )
        # Counted from the beginning, however late the first frame was sent.
        self.assertGreaterEqual(port.sent[2][0] - began, 0.05)
        self.assertEqual([b"re:a", b"re:b", b"re:a", b"re:b"], self.heard)
        self.assertEqual((4, {}, 3), (talk.sent, talk.refused, talk.lost))

    def test_one_that_does_not_take_them(self) -> None:
        good: Any = _Port()
        bad: Any = _Port("eth9")
        bad.error = OSError(100, "Network is down")
        talk = self.talk(good, bad)
        self.assertTrue(
            self.run_talk(
                talk, frames.Frame(bad, b"a"), frames.Frame(good, b"b")
            )
        )
        self.assertEqual({"eth9": "Network is down"}, talk.refused)
        self.assertEqual(2, talk.sent)

    def test_it_ends_when_told(self) -> None:
        port: Any = _Port()
        os.eventfd_write(self.waker, 1)
        self.assertFalse(
            self.run_talk(self.talk(port), frames.Frame(port, b"a"))
        )
        self.assertEqual(1, len(port.sent))


class PortTestCase(unittest.TestCase):
    def test_it_is_closed(self) -> None:
        with (
            mock.patch.object(socket, "socket", autospec=True) as made,
            mock.patch.object(
                packet_ring, "PacketRing", autospec=True
            ) as ring,
            contextlib.ExitStack() as stack,
        ):
            sock = made.return_value
            sock.__enter__.return_value = sock
            sock.getsockname.return_value = ("eth1", 0, 0, 1, b"\2\0\0\0\0\1")
            port = frames.Port("eth1", b"", 2048, stack)
            self.assertEqual(b"\2\0\0\0\0\1", port.mac)
            sock.bind.assert_called_once_with(("eth1", 0))
            ring.return_value.close.assert_not_called()
        ring.return_value.close.assert_called_once_with()
        made.return_value.__exit__.assert_called_once()
