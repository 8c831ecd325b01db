# SPDX-License-Identifier: Apache-2.0

import pathlib
import socket
import ssl
import tempfile
import unittest
from unittest import mock

from cheroot import errors as cheroot_errors
from oslo_config import cfg

from steth.agent.direct import tls


def options(**given: str) -> cfg.ConfigOpts:
    names = ("certificate_file", "key_file", "client_ca_file")
    return mock.Mock(
        direct=mock.Mock(**{name: given.get(name) for name in names})
    )


class OptionsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        where = tempfile.TemporaryDirectory()
        self.addCleanup(where.cleanup)
        self.file = pathlib.Path(where.name) / "x.pem"

    def test_is_configured(self) -> None:
        self.assertFalse(tls.is_configured(options()))
        self.assertTrue(
            tls.is_configured(options(certificate_file="a", key_file="b"))
        )

    def test_contradictions(self) -> None:
        for given, text in (
            ({"certificate_file": "a"}, "certificate_file.*key_file is not"),
            ({"key_file": "a"}, "key_file.*certificate_file is not"),
            ({"client_ca_file": "a"}, "client_ca_file needs TLS"),
        ):
            with (
                self.subTest(given=given),
                self.assertRaisesRegex(tls.TlsError, text),
            ):
                tls.is_configured(options(**given))

    def test_unusable_files(self) -> None:
        self.file.write_text("no certificate")
        file = str(self.file)
        for given, text in (
            ({"certificate_file": "/nowhere", "key_file": file}, "/nowhere"),
            ({"certificate_file": file, "key_file": "/nowhere"}, "/nowhere"),
            ({"certificate_file": file, "key_file": file}, "can't be used"),
            (
                {
                    "certificate_file": file,
                    "key_file": file,
                    "client_ca_file": "/nowhere",
                },
                "client_ca_file /nowhere",
            ),
        ):
            with (
                self.subTest(given=given),
                self.assertRaisesRegex(tls.TlsError, text),
            ):
                tls.make_context(options(**given))


class AdapterTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.near, self.far = socket.socketpair()
        self.addCleanup(self.near.close)
        self.addCleanup(self.far.close)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.adapter = tls.Adapter(context)

    def test_does_not_wait_for_the_client(self) -> None:
        # A handshake would block: the client never says anything.
        wrapped, _ = self.adapter.wrap(self.near)
        self.addCleanup(wrapped.close)
        self.assertIsNone(wrapped.version())

    def test_client_that_is_gone(self) -> None:
        broken = mock.Mock()
        broken.wrap_socket.side_effect = OSError(107, "not connected")
        self.adapter.context = broken
        with self.assertRaises(cheroot_errors.FatalSSLAlert):
            self.adapter.wrap(self.near)
