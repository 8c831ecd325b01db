# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

from steth.lab import commands
from steth.lab import deadline
from steth.lab import dhcp
from steth.lab import errors
from steth.lab import services


class ServeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        patches = (
            mock.patch.object(services, "Service", autospec=True),
            mock.patch.object(commands, "require", autospec=True),
        )
        self.service = patches[0].start().return_value
        patches[1].start()
        for one in patches:
            self.addCleanup(one.stop)
        self.service.last_words.return_value = "DHCP, IP range 10.0.0.1"
        self.init: Any = object()

    def test_start(self) -> None:
        dhcp.serve(self.init, {}, "eth1 10.0.0.1 10.0.0.9")
        argv = self.service.start.call_args.args[1]
        self.assertIn("--interface=eth1", argv)
        self.assertIn("--dhcp-range=10.0.0.1,10.0.0.9,2m", argv)
        self.service.kill.assert_not_called()

    def test_end(self) -> None:
        dhcp.serve(self.init, {}, "eth1")
        self.service.start.assert_not_called()
        self.service.kill.assert_called_once_with(self.init)

    def test_one_that_does_not_start(self) -> None:
        self.service.last_words.return_value = "bad range"
        with (
            mock.patch.object(
                deadline, "until", autospec=True, return_value=False
            ),
            self.assertRaisesRegex(errors.LabError, "bad range"),
        ):
            dhcp.serve(self.init, {}, "eth1 10.0.0.1 10.0.0.9")
