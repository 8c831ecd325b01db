# SPDX-License-Identifier: Apache-2.0
"""Tests of what is sent, and where, without a packet socket."""

from typing import Any
import unittest
from unittest import mock

from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces
from steth.agent.privileged import outlet
from steth.agent.privileged import packets

_FRAME = bytes(60)


class SendTestCase(unittest.TestCase):
    def setUp(self) -> None:
        for one in (contexts.probe, contexts.namespace_probe):
            one.set_client_mode(False)
            self.addCleanup(one.set_client_mode, True)
        patched = mock.patch.object(outlet, "Outlet", autospec=True)
        self.outlet = patched.start()
        self.addCleanup(patched.stop)
        self.send = self.outlet.return_value.__enter__.return_value.send
        self.send.return_value = outlet.Progress(2, 1, "Message too long")

    def test_it_tells_how_far_it_came(self) -> None:
        self.assertEqual(
            (2, 1, "Message too long"),
            packets.send("eth0", [_FRAME] * 3, 0.1),
        )
        self.outlet.assert_called_once_with("eth0")
        self.send.assert_called_once_with([_FRAME] * 3, 0.1)

    def test_inside(self) -> None:
        entered = []

        def inside(name: str, function: Any) -> Any:
            entered.append(name)
            return function()

        with mock.patch.object(namespaces, "inside", inside):
            packets.send_inside("qrouter-1", "qr-1", [_FRAME], 0.0)
        self.assertEqual(["qrouter-1"], entered)
        self.send.assert_called_once_with([_FRAME], 0.0)

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
        self.outlet.assert_not_called()
