# SPDX-License-Identifier: Apache-2.0

import socket
import ssl
import unittest

import requests
from urllib3 import connection as urllib3_connection
from urllib3 import exceptions as urllib3_exceptions
from urllib3.util import ssl_match_hostname

from steth.controller import direct_errors
from steth.rpc import errors

NO_ANSWER = errors.ErrorCode.NO_ANSWER
REFUSED = errors.ErrorCode.REFUSED


def wrapped(error: Exception) -> Exception:
    """Wrap an error as requests and urllib3 do."""
    return requests.ConnectionError(
        urllib3_exceptions.MaxRetryError(
            None,  # type: ignore[arg-type]
            "http://user:s3cret@192.0.2.1:9698/",
            error,
        )
    )


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


class OfConnectionTestCase(unittest.TestCase):
    """The innermost cause is what is said."""

    def said(
        self, error: Exception, *, has_certificate: bool = False
    ) -> tuple[errors.ErrorCode, str]:
        said = direct_errors.of_connection(
            wrapped(error), has_certificate=has_certificate
        )
        self.assertNotIn("s3cret", said.message)
        return said.code, said.message

    def test_by_the_kernel(self) -> None:
        for error, message in (
            (ConnectionRefusedError(111, "x"), "connection refused"),
            (ConnectionResetError(104, "x"), "connection reset"),
            (OSError(113, "x"), "host unreachable"),
            (OSError(101, "x"), "network unreachable"),
            (OSError(13, "x"), "permission denied"),
        ):
            self.assertEqual((NO_ANSWER, message), self.said(error))

    def test_refused_within_new_connection_error(self) -> None:
        connection = urllib3_connection.HTTPConnection("192.0.2.1")
        error = urllib3_exceptions.NewConnectionError(connection, "x")
        error.__cause__ = ConnectionRefusedError(111, "x")
        self.assertEqual((NO_ANSWER, "connection refused"), self.said(error))

    def test_by_the_library(self) -> None:
        for error, message in (
            (urllib3_exceptions.ConnectTimeoutError(), "connection timed out"),
            (
                requests.exceptions.ReadTimeout(),
                "accepted the connection, then no answer in time",
            ),
            (socket.gaierror(-2, "x"), "its name does not resolve"),
            (
                ssl_match_hostname.CertificateError("for another"),
                "bad certificate: for another",
            ),
        ):
            self.assertEqual((NO_ANSWER, message), self.said(error))

    def test_something_else(self) -> None:
        self.assertEqual(
            (NO_ANSWER, "connection failed (ConnectionError)"),
            self.said(ValueError("x")),
        )

    def test_alerts(self) -> None:
        alert = tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED")
        code, message = self.said(alert)
        self.assertIs(REFUSED, code)
        self.assertIn("a client certificate is asked for", message)
        code, message = self.said(
            tls_error("TLSV1_ALERT_UNKNOWN_CA"), has_certificate=True
        )
        self.assertIs(REFUSED, code)
        self.assertIn("unknown ca", message)

    def test_not_tls(self) -> None:
        code, message = self.said(tls_error("WRONG_VERSION_NUMBER"))
        self.assertIs(NO_ANSWER, code)
        self.assertIn("does not speak TLS", message)

    def test_closed(self) -> None:
        for error in (
            ssl.SSLEOFError(8, "x"),
            BrokenPipeError(32, "x"),
            ConnectionResetError(104, "x"),
        ):
            self.assertTrue(direct_errors.is_closed(wrapped(error)))
        self.assertFalse(
            direct_errors.is_closed(wrapped(ConnectionRefusedError(111, "x")))
        )

    def test_circle(self) -> None:
        one, other = OSError("x"), OSError("y")
        one.__cause__, other.__cause__ = other, one
        self.assertEqual(NO_ANSWER, self.said(one)[0])


class OfStatusTestCase(unittest.TestCase):
    """A status other than 200 is told by its meaning."""

    def test_plain_http_to_tls(self) -> None:
        said = direct_errors.of_status(
            400, b"this server only speaks HTTPS on this port.", None
        )
        self.assertIn("set [direct_client] tls", said.message)

    def test_unknown(self) -> None:
        said = direct_errors.of_status(799, b"", None)
        self.assertEqual("HTTP status 799", said.message)
