# SPDX-License-Identifier: Apache-2.0

import json
import socket
import unittest
from unittest import mock

from cheroot import server

from steth.agent.direct import connection


class TimedSocketTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.near, self.far = socket.socketpair()
        self.addCleanup(self.near.close)
        self.addCleanup(self.far.close)
        self.now = 100.0
        patch = mock.patch(
            "time.monotonic", side_effect=self.clock, autospec=True
        )
        patch.start()
        self.addCleanup(patch.stop)
        self.timed = connection.TimedSocket(self.near, 10.0)

    def clock(self) -> float:
        return self.now

    def read(self) -> int:
        return self.timed.recv_into(bytearray(1))

    def test_time_runs_out_however_often_a_byte_comes(self) -> None:
        for _ in range(9):
            self.now += 1
            self.far.send(b"x")
            self.assertEqual(1, self.read())
        self.assertEqual(1.0, self.near.gettimeout())
        self.now += 1
        self.far.send(b"x")
        with self.assertRaises(TimeoutError):
            self.read()
        with self.assertRaises(TimeoutError):
            self.timed.send(b"x")

    def test_restart(self) -> None:
        self.now += 11
        self.timed.restart()
        self.timed.send(b"x")
        self.assertEqual(10.0, self.near.gettimeout())

    def test_is_a_socket_otherwise(self) -> None:
        self.assertEqual(self.near.fileno(), self.timed.fileno())


class Server(server.HTTPServer):
    """A server that only has what a connection asks of it."""

    max_request_header_size = 500
    timeout = 5

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), None)
        self.forget = mock.Mock()


class ConnectionTestCase(unittest.TestCase):
    def setUp(self) -> None:
        near, self.far = socket.socketpair()
        self.addCleanup(near.close)
        self.addCleanup(self.far.close)
        self.server = Server()
        self.connection = self.connect(near)

    def connect(self, near: socket.socket) -> connection.Connection:
        made = connection.Connection(self.server, near)
        made.remote_addr = "192.0.2.7"
        made.remote_port = 4711
        return made

    def answer_to(self, request: bytes) -> tuple[int, dict[str, object]]:
        self.far.sendall(request)
        with self.assertLogs("steth.agent.direct.connection", "INFO") as logs:
            self.assertFalse(self.connection.communicate())
        self.assertIn("192.0.2.7 port 4711", logs.output[0])
        head, _, body = self.far.recv(65536).partition(b"\r\n\r\n")
        self.assertIn(b"application/json", head)
        return int(head.split()[1]), json.loads(body)

    def test_what_is_no_http_is_refused_in_json(self) -> None:
        for request, status in (
            (b"\x16\x03\x01\x02\x00\r\n", 400),
            (b"GET / HTTP/9.9\r\n", 505),
            (b"get / HTTP/1.1\r\n", 400),
            (b"GET " + b"/" * 1000 + b" HTTP/1.1\r\n", 414),
            (b"GET / HTTP/1.1\r\nX: " + b"y" * 1000 + b"\r\n", 413),
        ):
            with self.subTest(request=request[:20]):
                self.setUp()
                said, body = self.answer_to(request)
                self.assertEqual(status, said)
                self.assertIn("error", body)

    def test_silence(self) -> None:
        with mock.patch.object(self.server, "timeout", 0.05):
            self.connection = self.connect(self.connection.socket.plain)
        status, _ = self.answer_to(b"GET / HT")
        self.assertEqual(408, status)

    def test_peer_that_is_gone(self) -> None:
        self.far.close()
        self.assertFalse(self.connection.communicate())

    def test_close_is_told(self) -> None:
        self.connection.close()
        self.server.forget.assert_called_with(self.connection)
