# SPDX-License-Identifier: Apache-2.0
"""What is made of what a machine says."""

import contextlib
import io
import os
import socket
import tempfile
import typing
import unittest
from unittest import mock

from steth.lab.kernel import machine as machine_module
from steth.lab.kernel import session


class SessionTestCase(unittest.TestCase):
    """The machine is a set of sockets that the test writes to."""

    def setUp(self) -> None:
        self.ours: dict[str, socket.socket] = {}
        theirs: dict[str, socket.socket] = {}
        for name in (*machine_module.PORTS, "console"):
            self.ours[name], theirs[name] = socket.socketpair()
            self.addCleanup(self.ours[name].close)
            self.addCleanup(theirs[name].close)
        console = theirs.pop("console")
        self.files = [
            self.enterContext(tempfile.TemporaryFile()) for _ in range(2)
        ]
        with (
            contextlib.redirect_stdout(_text(self.files[0])),
            contextlib.redirect_stderr(_text(self.files[1])),
        ):
            self.life = session.Session(
                machine_module.Machine(mock.Mock(), theirs, console)
            )

    def end(self) -> None:
        """End the machine."""
        for one in self.ours.values():
            one.close()

    def test_output_is_passed_on(self) -> None:
        self.ours[machine_module.OUTPUT].sendall(b"a\xff\n")
        self.ours[machine_module.ERROR].sendall(b"b")
        self.ours[machine_module.STATUS].sendall(b"ready\nended 7\n")
        self.end()
        self.assertTrue(self.life.follow(5.0))
        said = [os.pread(one.fileno(), 100, 0) for one in self.files]
        self.assertEqual([b"a\xff\n", b"b"], said)
        self.assertEqual(7, self.life.exit_status)

    def test_a_line_that_is_cut_off(self) -> None:
        self.ours[machine_module.STATUS].sendall(b"ready\nended 1")
        self.end()
        self.life.follow(5.0)
        self.assertTrue(self.life.is_ready)
        self.assertIsNone(self.life.exit_status)

    def test_no_end(self) -> None:
        self.ours["console"].sendall(b"booting\r\n")
        self.assertFalse(self.life.follow(0.05))
        self.assertEqual("booting", self.life.last_words)
        self.assertFalse(self.life.is_ready)

    def test_until(self) -> None:
        self.ours[machine_module.STATUS].sendall(b"ready\n")
        self.assertTrue(
            self.life.follow(5.0, until=lambda: self.life.is_ready)
        )


def _text(file: typing.IO[bytes]) -> typing.TextIO:
    return io.TextIOWrapper(typing.cast(typing.BinaryIO, file))
