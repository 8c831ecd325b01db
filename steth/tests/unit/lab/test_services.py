# SPDX-License-Identifier: Apache-2.0
"""Daemons inside a host, as far as they show without one."""

import os
import socket
import unittest

from steth.lab import processes
from steth.lab import services


class ListeningTestCase(unittest.TestCase):
    """Which ports a process's network namespace listens on."""

    def test_ports(self) -> None:
        own = processes.read(os.getpid())
        assert own is not None
        for family, address in (
            (socket.AF_INET, "127.0.0.1"),
            (socket.AF_INET6, "::1"),
        ):
            with self.subTest(family=family), socket.socket(family) as server:
                try:
                    server.bind((address, 0))
                except OSError:
                    self.skipTest(f"this machine has no {address}")
                port = server.getsockname()[1]
                # Bound is not yet listening.
                self.assertNotIn(port, services.listening(own))
                server.listen()
                self.assertIn(port, services.listening(own))
