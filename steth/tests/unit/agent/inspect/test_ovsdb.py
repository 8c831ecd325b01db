# SPDX-License-Identifier: Apache-2.0
"""Tests of reading a database over a socket, from a scripted server."""

import json
import pathlib
import socket
import tempfile
import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import ovsdb

_EMPTY = json.dumps({"id": 1, "error": None, "result": [{"rows": []}]})


class ServerTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="steth-")
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "db.sock"
        self.listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listening.close)
        self.listening.bind(str(self.path))
        self.listening.listen()
        self.asked: list[Any] = []

    def serve(self, *answers: bytes) -> None:
        """Answer each request so; several pieces are written apart."""

        def run() -> None:
            connection, _ = self.listening.accept()
            with connection:
                for answer in answers:
                    self.asked.append(json.loads(connection.recv(65536)))
                    for piece in answer.split(b"|"):
                        connection.sendall(piece)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)

    def connect(self) -> ovsdb.Connection:
        connection = ovsdb.Connection(f"unix:{self.path}")
        self.addCleanup(connection.__exit__, None, None, None)
        return connection

    def refuse(self, answer: bytes) -> str:
        self.serve(answer)
        with self.assertRaises(ovsdb.OvsdbError) as caught:
            self.connect().select("d", {"Bridge": ("name",)})
        return str(caught.exception)


class SelectTestCase(ServerTestCase):
    def test_rows(self) -> None:
        self.serve(
            b'{"id":1,"error":null,"result":[{"rows":[{"name":"a}"|'
            b'},{"name":"br-\xc3|\xa4"}]}|,{"rows":[]}]}'
        )
        self.assertEqual(
            {"Bridge": [{"name": "a}"}, {"name": "br-ä"}], "Port": []},
            self.connect().select("d", {"Bridge": ("name",), "Port": ()}),
        )
        (asked,) = self.asked
        self.assertEqual("transact", asked["method"])
        self.assertEqual(
            [
                "d",
                {
                    "op": "select",
                    "table": "Bridge",
                    "where": [],
                    "columns": ["_uuid", "name"],
                },
            ],
            asked["params"][:2],
        )

    def test_keep_alive_before_the_answer(self) -> None:
        echo = b'{"id":"echo","method":"echo","params":[]}'
        self.serve(echo + b"|" + _EMPTY.encode())
        self.assertEqual({"T": []}, self.connect().select("d", {"T": ()}))

    def test_refusals(self) -> None:
        for answer, said in (
            (b'{"id":1,"error":"no database","result":null}', "no database"),
            (b'{"id":1,"error":null,"result":[{"error":"x"}]}', '"error"'),
            (b'{"id":1,"error":null,"result":[]}', "answers []"),
            (b"HTTP/1.1 400 Bad Request\r\n{}", "closed the connection"),
        ):
            with self.subTest(answer=answer):
                self.assertIn(said, self.refuse(answer))

    def test_too_much(self) -> None:
        with mock.patch.object(ovsdb, "MAX_BYTES", 100):
            self.assertIn("more than 100 bytes", self.refuse(b"{" * 200))

    def test_silence(self) -> None:
        with mock.patch.object(ovsdb, "TIMEOUT", 0.1):
            connection = self.connect()
            with self.assertRaisesRegex(ovsdb.OvsdbError, "no answer within"):
                connection.select("d", {"T": ()})

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        for target, said in (
            (f"tcp:127.0.0.1:{port}", "Connection refused"),
            (f"unix:{self.path}x", "No such file or directory"),
        ):
            with self.assertRaisesRegex(ovsdb.OvsdbError, said):
                ovsdb.Connection(target)


class LockTestCase(ServerTestCase):
    def test_locked_by_another(self) -> None:
        for locked in (True, False):
            with self.subTest(locked=locked):
                self.serve(
                    b'{"id":1,"error":null,"result":{"locked":%s}}'
                    % (b"false" if locked else b"true"),
                    b'{"id":2,"error":null,"result":{}}',
                )
                self.assertIs(locked, self.connect().is_locked("name"))
                self.assertEqual(
                    ["lock", "unlock"],
                    [one["method"] for one in self.asked[-2:]],
                )

    def test_no_answer_to_the_question(self) -> None:
        self.serve(b'{"id":1,"error":null,"result":[]}')
        with self.assertRaises(ovsdb.OvsdbError):
            self.connect().is_locked("name")


class ValuesTestCase(unittest.TestCase):
    """RFC 7047, section 5.1."""

    def test_sets(self) -> None:
        self.assertEqual([1, 2], ovsdb.atoms(["set", [1, 2]]))
        self.assertEqual([1], ovsdb.atoms(1))
        self.assertIsNone(ovsdb.optional(["set", []]))
        self.assertEqual("x", ovsdb.optional("x"))

    def test_maps(self) -> None:
        self.assertEqual({"a": "1"}, ovsdb.mapping(["map", [["a", "1"]]]))

    def test_identifiers(self) -> None:
        self.assertEqual(["a"], ovsdb.identifiers(["uuid", "a"]))
        self.assertEqual(
            ["a", "b"],
            ovsdb.identifiers(["set", [["uuid", "a"], ["uuid", "b"]]]),
        )
