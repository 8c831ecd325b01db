# SPDX-License-Identifier: Apache-2.0
"""Tests of the raw sockets, with a kernel that answers from a script."""

import errno
import socket
import struct
from typing import Any
import unittest
from unittest import mock

from steth.agent.privileged import echo_sockets
from steth.agent.probe import failure
from steth.agent.probe import session as session_module
from steth.rpc import requests
from steth.tests.unit.agent.probe import packets

_FULL = OSError(errno.ENOBUFS, "full")
_TARGETS = (
    requests.IcmpTarget(address="10.0.0.2", size=100),
    requests.IcmpTarget(address="10.0.0.3", size=200, dont_fragment=True),
    requests.IcmpTarget(address="10.0.0.4", source="10.0.0.1", device="eth0"),
    requests.IcmpTarget(address="fd00::2", source="fd00::1"),
    requests.IcmpTarget(address="fe80::2%eth0"),
)


class _SocketsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.sockets: list[mock.Mock] = []
        self.refuse: dict[int, OSError] = {}
        self.send_error: OSError | None = None
        for name, new in (
            ("socket", self.open),
            ("if_nametoindex", self.index),
        ):
            patched = mock.patch.object(socket, name, new)
            patched.start()
            self.addCleanup(patched.stop)

    def open(self, family: int, *_: int) -> mock.Mock:
        if family in self.refuse:
            raise self.refuse[family]
        made = mock.Mock(name=f"socket{len(self.sockets)}")
        made.family = family
        made.sendmsg.side_effect = self.send_error
        self.sockets.append(made)
        return made

    def index(self, name: str) -> int:
        if name != "eth0":
            # As Python does, without a number.
            raise OSError("no interface with this name")
        return 7

    def session(self, *targets: requests.IcmpTarget) -> Any:
        request = requests.ProbeIcmp(
            targets=targets or _TARGETS, count=4, run=packets.RUN
        )
        made = session_module.Session(request, packets.IDENTIFIER, 1000)
        made.pace.next = made.pace.total
        return made


class SendersTestCase(_SocketsTestCase):
    def test_where_packets_go(self) -> None:
        session = self.session()
        senders = echo_sockets.Senders(session)
        for packet in range(5):
            senders.send(packet)
        # IPv4 with and without don't-fragment, and IPv6.
        self.assertEqual(3, len(self.sockets))
        calls = [
            call.args
            for one in self.sockets
            for call in one.sendmsg.mock_calls
        ]
        self.assertEqual(
            [
                (100, [], ("10.0.0.2", 0)),
                (
                    64,
                    [(0, 8, struct.pack("=i", 7) + b"\x0a\0\0\1" + bytes(4))],
                    ("10.0.0.4", 0),
                ),
                (200, [], ("10.0.0.3", 0)),
                (
                    64,
                    [
                        (
                            41,
                            50,
                            socket.inet_pton(socket.AF_INET6, "fd00::1")
                            + bytes(4),
                        )
                    ],
                    ("fd00::2", 0, 0, 0),
                ),
                (
                    64,
                    [(41, 50, bytes(16) + struct.pack("=i", 7))],
                    ("fe80::2", 0, 0, 7),
                ),
            ],
            [
                (
                    sum(map(len, parts))
                    + (20 if len(destination) == 2 else 40),
                    ancillary,
                    destination,
                )
                for parts, ancillary, _, destination in calls
            ],
        )
        self.assertEqual(5, session.tally.pending)
        senders.close()
        for one in self.sockets:
            one.close.assert_called_once_with()

    def test_a_refused_packet(self) -> None:
        session = self.session(_TARGETS[0])
        senders = echo_sockets.Senders(session)
        self.sockets[0].sendmsg.side_effect = PermissionError(1, "no")
        senders.send(0)
        (found,) = session.tally.results()
        self.assertEqual(0, found.sent)
        self.assertEqual(failure.Failure(number=errno.EPERM), found.failure)

    def test_a_full_buffer(self) -> None:
        session = self.session(_TARGETS[0])
        senders = echo_sockets.Senders(session)
        self.sockets[0].sendmsg.side_effect = _FULL
        for packet in range(2):
            senders.send(packet)
        # A second socket takes what the first has no room for, at once.
        self.assertEqual(2, len(self.sockets))
        self.assertEqual(2, self.sockets[1].sendmsg.call_count)
        self.assertEqual(2, session.tally.pending)
        # And the first again, when that is full and the first is not.
        self.sockets[0].sendmsg.side_effect = None
        self.sockets[1].sendmsg.side_effect = _FULL
        senders.send(2)
        self.assertEqual(2, len(self.sockets))
        self.assertEqual(3, session.tally.pending)

    def test_all_buffers_are_full(self) -> None:
        self.send_error = _FULL
        session = self.session(_TARGETS[0])
        with mock.patch.object(echo_sockets, "_MAX_SENDERS", 3):
            senders = echo_sockets.Senders(session)
            for packet in range(4):
                senders.send(packet)
        self.assertEqual(3, len(self.sockets))
        (found,) = session.tally.results()
        self.assertEqual(failure.Failure(number=errno.ENOBUFS), found.failure)
        self.assertEqual(0, found.sent)

    def test_another_socket_is_refused_too(self) -> None:
        session = self.session(_TARGETS[0])
        senders = echo_sockets.Senders(session)
        self.sockets[0].sendmsg.side_effect = _FULL
        self.send_error = PermissionError(1, "no")
        senders.send(0)
        (found,) = session.tally.results()
        self.assertEqual(failure.Failure(number=errno.EPERM), found.failure)

    def test_no_such_device(self) -> None:
        session = self.session(
            requests.IcmpTarget(address="10.0.0.2", device="eth9"), _TARGETS[0]
        )
        senders = echo_sockets.Senders(session)
        senders.send(0)
        senders.send(1)
        first, second = session.tally.results()
        self.assertEqual(failure.Failure(number=errno.ENODEV), first.failure)
        self.assertEqual((0, 1), (first.sent, second.sent))

    def test_without_ipv6(self) -> None:
        self.refuse[socket.AF_INET6] = OSError(errno.EAFNOSUPPORT, "no")
        session = self.session(_TARGETS[0], _TARGETS[3])
        senders = echo_sockets.Senders(session)
        receivers = echo_sockets.Receivers(session, 1)
        senders.send(0)
        senders.send(1)
        first, second = session.tally.results()
        self.assertEqual(1, first.sent)
        self.assertEqual(
            failure.Failure(number=errno.EAFNOSUPPORT), second.failure
        )
        self.assertEqual(1, len(receivers.filenos()))

    def test_without_the_privilege(self) -> None:
        self.refuse[socket.AF_INET] = PermissionError(1, "no")
        with self.assertRaises(PermissionError):
            echo_sockets.Senders(self.session())


class ReceiversTestCase(_SocketsTestCase):
    def test_answers(self) -> None:
        session = self.session(_TARGETS[0], _TARGETS[3])
        for packet in range(2):
            session.sent(packet, 1_000_000_000, 0)
        receivers = echo_sockets.Receivers(session, packets.IDENTIFIER)
        for one in self.sockets:
            one.getsockopt.return_value = bytes(32) + struct.pack("=I", 2)
            if one.family == socket.AF_INET:
                reply = packets.reply(packets.request())
                data = packets.ipv4("10.0.0.2", "10.0.0.1", reply)
                source: tuple[Any, ...] = ("10.0.0.2", 0)
            else:
                data = packets.reply(packets.request(1, version=6))
                source = ("fd00::2", 0, 0, 0)
            stamp = struct.pack("@ll", 1, 5_000_000)
            one.recvmsg_into.side_effect = _Script(
                (data, [(1, 35, stamp)], source),
                (data, [], source),
            )
        receivers.drain()
        for found in session.tally.results():
            self.assertEqual((1, 1), (found.received, found.duplicates))
            self.assertEqual(5.0, found.rtt_max)
        self.assertEqual(4, receivers.lost())
        receivers.close()
        for one in self.sockets:
            one.close.assert_called_once_with()


class _Script:
    """A ``recvmsg_into`` that hands out packets, then would block."""

    def __init__(self, *given: tuple[bytes, list[Any], Any]) -> None:
        self._given = list(given)

    def __call__(
        self, buffers: tuple[bytearray], _: int
    ) -> tuple[int, list[Any], int, Any]:
        if not self._given:
            raise BlockingIOError
        data, ancillary, source = self._given.pop(0)
        buffers[0][: len(data)] = data
        return len(data), ancillary, 0, source
