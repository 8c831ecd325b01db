# SPDX-License-Identifier: Apache-2.0
"""Tests of looking names up."""

import socket
import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import names
from steth.model import node


class NamesTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.hanging = threading.Event()
        self.addCleanup(self.hanging.set)
        patcher = mock.patch.object(
            socket, "getaddrinfo", autospec=True, side_effect=self._look_up
        )
        patcher.start()
        self.addCleanup(patcher.stop)

    def _look_up(self, name: str, *_: Any, **__: Any) -> list[Any]:
        if name == "hangs":
            self.hanging.wait(10)
        if name == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service unknown")
        return [
            (socket.AF_INET6, 1, 6, "", ("fe80::1%eth0", 0, 0, 2)),
            (socket.AF_INET, 1, 6, "", ("192.0.2.1", 0)),
            (socket.AF_INET, 1, 6, "", ("192.0.2.1", 0)),
        ]

    def test_one_for_each_name(self) -> None:
        found = names.resolve(("known", "unknown", "known"), 5.0)
        self.assertEqual(
            node.Name(name="known", addresses=("192.0.2.1", "fe80::1")),
            found[0],
        )
        self.assertIn("Name or service unknown", found[1].error or "")
        self.assertEqual(2, len(found))

    def test_the_names_of_addresses(self) -> None:
        with mock.patch.object(
            socket,
            "getnameinfo",
            autospec=True,
            side_effect=[
                ("compute1.example.org", "0"),
                socket.gaierror(socket.EAI_NONAME, "unknown"),
            ],
        ):
            (found,) = names.reverse(("192.0.2.1",), 5.0)
            (unknown,) = names.reverse(("2001:db8::1",), 5.0)
        self.assertEqual(
            node.ReverseName(address="192.0.2.1", name="compute1.example.org"),
            found,
        )
        self.assertIn("unknown", unknown.error or "")

    def test_none(self) -> None:
        self.assertEqual((), names.resolve((), 5.0))

    def test_a_name_server_that_does_not_answer(self) -> None:
        found = names.resolve(("hangs", "known"), 0.2)
        self.assertEqual("no answer within 0 s", found[0].error)
        self.assertIsNone(found[1].error)
