# SPDX-License-Identifier: Apache-2.0

import socket
from typing import Any
import unittest
from unittest import mock

from steth.agent.direct import whereabouts


class WhereaboutsTestCase(unittest.TestCase):
    def address(
        self, bind_host: str, broker: str = "192.0.2.1:5672", **changed: Any
    ) -> str | None:
        fields = {
            "enabled": True,
            "client_ca_file": None,
            "htpasswd_file": "/etc/steth/htpasswd",
            "bind_host": bind_host,
            **changed,
        }
        return whereabouts.address(mock.Mock(**fields), broker)

    def test_as_configured(self) -> None:
        self.assertEqual("192.0.2.7", self.address("192.0.2.7"))
        self.assertEqual("2001:db8::7", self.address("2001:db8::7"))

    def test_on_loopback_only(self) -> None:
        self.assertIsNone(self.address("127.0.0.1"))
        self.assertIsNone(self.address("192.0.2.7", htpasswd_file=None))

    def test_none(self) -> None:
        self.assertIsNone(self.address("192.0.2.7", enabled=False))
        self.assertIsNone(self.address("compute7"))

    def test_on_all_towards_the_broker(self) -> None:
        sock = mock.MagicMock(spec=socket.socket)
        sock.__enter__.return_value = sock
        for mine, found in (
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            # The broker is on this host.
            ("127.0.0.1", None),
            ("fe80::1%eth0", None),
        ):
            sock.getsockname.return_value = (mine, 12345)
            with mock.patch("socket.socket", autospec=True, return_value=sock):
                self.assertEqual(found, self.address("::"))
        sock.connect.assert_called_with(("192.0.2.1", 5672))

    def test_a_broker_by_ipv6(self) -> None:
        with mock.patch(
            "socket.getaddrinfo", autospec=True, return_value=[]
        ) as look_up:
            self.assertIsNone(self.address("::", "[2001:db8::1]:5672"))
        look_up.assert_called_once_with(
            "2001:db8::1", 5672, socket.AF_UNSPEC, socket.SOCK_DGRAM
        )

    def test_no_route_and_no_such_name(self) -> None:
        for error in (
            socket.gaierror(socket.EAI_NONAME, "unknown"),
            OSError(101, "Network is unreachable"),
        ):
            with mock.patch(
                "socket.getaddrinfo", autospec=True, side_effect=error
            ):
                self.assertIsNone(self.address("0.0.0.0"))
