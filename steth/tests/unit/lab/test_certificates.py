# SPDX-License-Identifier: Apache-2.0
"""The lab's certificates, as a TLS client and server judge them."""

import pathlib
import ssl
import tempfile
import unittest

from steth.lab import certificates
from steth.lab import layout


class CertificatesTestCase(unittest.TestCase):
    """A handshake in memory between what was issued."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.authority = certificates.make_authority()
        shape = layout.Shape(hosts=2)
        self.host = layout.computes(shape)[0]
        self.controller = layout.controller()

    def context(
        self,
        protocol: int,
        authority: certificates.KeyPair,
        pair: certificates.KeyPair,
    ) -> ssl.SSLContext:
        """Return a context that shows a certificate and asks for one."""
        context = ssl.SSLContext(protocol)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.load_verify_locations(cadata=authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        file = self.directory / "pair.pem"
        file.write_text(pair.certificate + pair.key)
        context.load_cert_chain(file)
        return context

    def shake_hands(
        self, name: str, trusted: certificates.KeyPair | None = None
    ) -> None:
        """Connect the controller to the host under a name."""
        client_in, server_in = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.context(
            ssl.PROTOCOL_TLS_CLIENT,
            trusted or self.authority,
            certificates.issue(self.authority, self.controller),
        ).wrap_bio(client_in, server_in, server_hostname=name)
        server = self.context(
            ssl.PROTOCOL_TLS_SERVER,
            self.authority,
            certificates.issue(self.authority, self.host),
        ).wrap_bio(server_in, client_in, server_side=True)
        waiting = [client, server]
        for _ in range(10):
            for side in list(waiting):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
                waiting.remove(side)
        self.assertEqual([], waiting)

    def test_by_name_and_by_each_address(self) -> None:
        for name in (self.host.name, *self.host.addresses):
            with self.subTest(name=name):
                self.shake_hands(name)

    def test_another_name_is_refused(self) -> None:
        with self.assertRaisesRegex(ssl.SSLError, "compute2"):
            self.shake_hands("compute2")

    def test_another_authority_is_refused(self) -> None:
        other = certificates.make_authority()
        with self.assertRaisesRegex(ssl.SSLError, "certificate"):
            self.shake_hands(self.host.name, other)
