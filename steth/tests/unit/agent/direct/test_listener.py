# SPDX-License-Identifier: Apache-2.0

import errno
import unittest
from unittest import mock

from oslo_config import cfg

from steth.agent.direct import listener
from steth.conf import load


class AddressesTestCase(unittest.TestCase):
    def test_unprotected_stays_on_loopback(self) -> None:
        both = ["127.0.0.1", "::1"]
        for asked, given in (
            ("::", both),
            ("0.0.0.0", ["127.0.0.1"]),
            ("192.0.2.1", ["127.0.0.1"]),
            ("2001:db8::1", ["::1"]),
            ("127.0.0.2", ["127.0.0.2"]),
            ("::1", ["::1"]),
            ("localhost", both),
            ("example.org", both),
        ):
            with self.subTest(asked=asked):
                self.assertEqual(
                    given, listener._addresses(asked, protected=False)
                )

    def test_protected_is_where_it_was_asked_for(self) -> None:
        for asked in ("::", "0.0.0.0", "192.0.2.1", "example.org"):
            self.assertEqual(
                [asked], listener._addresses(asked, protected=True)
            )


class ListenerTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        load.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.listener = listener.Listener(self.conf, mock.Mock())
        self.bound: list[str] = []
        self.errors: dict[str, int] = {}
        patches = (
            mock.patch.object(listener.Server, "prepare", self.prepare()),
            mock.patch.object(listener.Server, "serve", autospec=True),
            mock.patch.object(listener.Server, "stop", autospec=True),
        )
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    def prepare(self) -> object:
        def prepare(server: listener.Server) -> None:
            address = server.bind_addr[0]
            if address in self.errors:
                server.bind_error = OSError(self.errors[address], "why")
                raise OSError("No socket could be created")
            self.bound.append(address)

        return prepare

    def test_loopback(self) -> None:
        with self.assertLogs("steth.agent.direct.listener") as logs:
            self.listener.start()
        self.assertEqual(["127.0.0.1", "::1"], self.bound)
        self.assertIn("WARNING", logs.output[-1])
        self.assertIn("loopback only", logs.output[-1])

    def test_without_ipv6(self) -> None:
        self.errors = {"::1": errno.EADDRNOTAVAIL}
        self.listener.start()
        self.assertEqual(["127.0.0.1"], self.bound)

    def test_protected_without_ipv6(self) -> None:
        self.errors = {"::": errno.EAFNOSUPPORT}
        self.listener._listen("::", mock.Mock())
        self.assertEqual(["0.0.0.0"], self.bound)

    def test_refused(self) -> None:
        for code, text in (
            (errno.EADDRINUSE, "in use"),
            (errno.EADDRNOTAVAIL, "no address of this host"),
            (errno.EACCES, "why"),
        ):
            self.errors = {"127.0.0.1": code}
            with (
                self.subTest(code=code),
                self.assertRaisesRegex(listener.ListenError, text),
            ):
                self.listener.start()

    def test_switched_off(self) -> None:
        self.conf.set_override("enabled", False, group="direct")
        # The group's options are shared by all ConfigOpts.
        self.addCleanup(self.conf.clear_override, "enabled", group="direct")
        self.listener.start()
        self.assertEqual([], self.bound)
        self.listener.reload()
        self.listener.stop()

    def test_contradictions(self) -> None:
        for options, text in (
            ({"certificate_file": "a"}, "key_file is not"),
            ({"key_file": "a"}, "certificate_file is not"),
            ({"client_ca_file": "a"}, "needs TLS"),
            ({"htpasswd_file": "/nowhere"}, "/nowhere"),
            (
                {"certificate_file": "/nowhere", "key_file": "/nowhere"},
                "/nowhere",
            ),
        ):
            for name, value in options.items():
                self.conf.set_override(name, value, group="direct")
            with (
                self.subTest(options=options),
                self.assertRaisesRegex(listener.ListenError, text),
            ):
                self.listener.start()
            for name in options:
                self.conf.clear_override(name, group="direct")
        self.assertEqual([], self.bound)


class ServerTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.server = listener.Server(("127.0.0.1", 0), mock.Mock())
        for name in ("put_conn", "requests"):
            patch = mock.patch.object(self.server, name, autospec=True)
            setattr(self, name, patch.start())
            self.addCleanup(patch.stop)

    def test_new_connection_waits_outside_of_threads(self) -> None:
        one = mock.Mock(has_waited=False)
        self.server.process_conn(one)
        self.put_conn.assert_called_once_with(one)  # type: ignore[attr-defined]
        self.requests.put.assert_not_called()  # type: ignore[attr-defined]
        self.server.process_conn(one)
        self.requests.put.assert_called_once_with(one)  # type: ignore[attr-defined]

    def connect(self, address: str) -> mock.Mock:
        one = mock.Mock(has_waited=False, remote_addr=address)
        self.server.process_conn(one)
        return one

    def test_too_many(self) -> None:
        many = [
            self.connect(f"192.0.2.{number}")
            for number in range(listener._MAX_CONNECTIONS)
        ]
        with self.assertLogs("steth.agent.direct.listener") as logs:
            for _ in range(3):
                self.connect("192.0.2.255").close.assert_called_once()
        self.assertEqual(1, len(logs.output))
        self.server.forget(many[0])
        self.connect("192.0.2.255").close.assert_not_called()

    def test_too_many_of_one_peer(self) -> None:
        for _ in range(listener._MAX_CONNECTIONS_OF_PEER):
            self.connect("192.0.2.1")
        with self.assertLogs("steth.agent.direct.listener"):
            self.connect("192.0.2.1").close.assert_called_once()
        self.connect("192.0.2.2").close.assert_not_called()
