# SPDX-License-Identifier: Apache-2.0
"""The fake of Nova's metadata server."""

import hashlib
import hmac
from http import server
import http.client
import threading
import unittest

from steth.lab.cloud.scenario import metadata


class Handler(metadata.Handler):
    """The same, without a log, and with a secret."""

    secret = b"shared"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class MetadataTestCase(unittest.TestCase):
    """It believes Neutron's agent only."""

    def setUp(self) -> None:
        listener = server.HTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(listener.server_close)
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listener.shutdown)
        self.port = listener.server_port

    def get(self, path: str, secret: bytes) -> tuple[int, str, str]:
        """Return status, content type and body for an instance."""
        signed = hmac.new(secret, b"some-uuid", hashlib.sha256)
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.addCleanup(connection.close)
        connection.request(
            "GET",
            path,
            headers={
                "X-Instance-ID": "some-uuid",
                "X-Tenant-ID": "some-project",
                "X-Instance-ID-Signature": signed.hexdigest(),
            },
        )
        reply = connection.getresponse()
        kind = reply.getheader("Content-Type", "")
        return reply.status, kind, reply.read().decode()

    def test_an_instance_is_told_who_it_is(self) -> None:
        self.assertEqual(
            (200, "text/plain; charset=UTF-8", "some-uuid"),
            self.get("/latest/meta-data/instance-id", b"shared"),
        )
        status, _, body = self.get(
            "/openstack/latest/meta_data.json", b"shared"
        )
        self.assertEqual(200, status)
        self.assertIn('"project_id": "some-project"', body)

    def test_a_wrong_signature_is_refused(self) -> None:
        status, _, _ = self.get("/latest/meta-data/instance-id", b"other")
        self.assertEqual(403, status)

    def test_another_page(self) -> None:
        status, _, body = self.get("/latest/user-data", b"shared")
        self.assertEqual(404, status)
        self.assertIn("/latest/meta-data/instance-id", body)
