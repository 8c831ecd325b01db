# SPDX-License-Identifier: Apache-2.0
"""Tests of asking the kernel, with a kernel that answers from a script."""

import errno
import socket
import struct
import unittest
from unittest import mock

from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink

_DUMP_INTERRUPTED = 0x10


def answer(kind: int, body: bytes, sequence: int = 1, flags: int = 0) -> bytes:
    """Return one message of the kernel's."""
    return rtnetlink.request(kind, flags, sequence, body)


def done(number: int = 0) -> bytes:
    """Return the end of a dump."""
    return answer(rtnetlink.NLMSG_DONE, struct.pack("=i", -number))


def failed(number: int) -> bytes:
    """Return an error."""
    return answer(rtnetlink.NLMSG_ERROR, struct.pack("=i", -number))


class RouteSocketTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.kernel = mock.create_autospec(socket.socket, instance=True)
        patched = mock.patch.object(
            socket, "socket", mock.Mock(return_value=self.kernel)
        )
        patched.start()
        self.addCleanup(patched.stop)
        self.socket = netlink.RouteSocket()

    def says(self, *datagrams: bytes) -> None:
        self.kernel.recv.side_effect = datagrams

    def test_a_dump(self) -> None:
        self.says(
            answer(16, b"one.") + answer(16, b"two."),
            answer(16, b"old!", sequence=9) + answer(16, b"last"),
            done(),
        )
        self.assertEqual(
            [b"one.", b"two.", b"last"],
            list(self.socket.dump(18, b"body", {1: b"abcd"})),
        )
        (sent,) = self.kernel.send.call_args.args
        self.assertEqual(
            [(18, 0x301, 1, b"body\x08\0\x01\0abcd")],
            list(rtnetlink.messages(sent)),
        )

    def test_nothing_is_read_beyond_what_is_asked_for(self) -> None:
        self.says(answer(16, b"one.") + answer(16, b"two."))
        self.assertEqual(b"one.", next(self.socket.dump(18, b"")))
        self.assertEqual(1, self.kernel.recv.call_count)

    def test_an_interrupted_dump(self) -> None:
        self.says(answer(16, b"one.", flags=_DUMP_INTERRUPTED) + done())
        found = self.socket.dump(18, b"")
        self.assertEqual(b"one.", next(found))
        with self.assertRaises(netlink.DumpInterruptedError):
            next(found)

    def test_a_refused_dump(self) -> None:
        for said in (failed(errno.EPERM), done(errno.EPERM)):
            self.says(said)
            with self.assertRaises(PermissionError):
                list(netlink.RouteSocket().dump(18, b""))

    def test_a_table_that_does_not_exist_is_empty(self) -> None:
        self.says(failed(errno.ENOENT))
        self.assertEqual([], list(self.socket.dump(26, b"")))

    def test_get(self) -> None:
        self.says(answer(16, b"old!", sequence=9), answer(16, b"this"))
        self.assertEqual(b"this", self.socket.get(18, b""))

    def test_get_what_is_not_there(self) -> None:
        self.says(failed(errno.ENOENT))
        with self.assertRaises(FileNotFoundError):
            self.socket.get(30, b"")

    def test_is_closed(self) -> None:
        with self.socket:
            self.kernel.close.assert_not_called()
        self.kernel.close.assert_called_once_with()
