# SPDX-License-Identifier: Apache-2.0

import io
import json
import os
import ssl
from typing import Any
import unittest
from unittest import mock

from oslo_config import cfg
import requests as http
from requests import adapters
from urllib3 import response as urllib3_response

from steth.conf import direct_client as conf_direct_client
from steth.controller import direct
from steth.controller import errors as controller_errors
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.controller import fakes


def response(content: bytes, status: int = 200) -> http.Response:
    one = http.Response()
    one.status_code = status
    one.raw = urllib3_response.HTTPResponse(
        io.BytesIO(content), preload_content=False
    )
    return one


def answer() -> bytes:
    reply = contract.encode_data(fakes.info("a"))
    return json.dumps({"jsonrpc": "2.0", "id": "1", "result": reply}).encode()


class DirectClientTestCase(unittest.TestCase):
    """What is sent, and what becomes of the answers."""

    def setUp(self) -> None:
        self.conf = cfg.ConfigOpts()
        conf_direct_client.register(self.conf)
        self.addCleanup(self.conf.reset)
        self.conf([], default_config_files=[], default_config_dirs=[])
        # Below the HTTP library's own sessions, where it would connect.
        patcher = mock.patch.object(
            adapters.HTTPAdapter, "send", autospec=True
        )
        self.send = patcher.start()
        self.send.return_value = response(answer())
        self.addCleanup(patcher.stop)

    def set(self, **options: Any) -> None:
        for name, value in options.items():
            self.conf.set_override(name, value, group="direct_client")

    def call(self, address: str | None = "192.0.2.1") -> Any:
        return direct.DirectClient(self.conf).call(
            contract.INSPECT_AGENT,
            requests.InspectAgent(),
            host="a",
            address=address,
            timeout=7.0,
        )

    def assert_error(self, code: errors.ErrorCode, said: str) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            self.call()
        self.assertIs(code, caught.exception.code)
        self.assertNotIn("s3cret", str(caught.exception))

    def test_request(self) -> None:
        self.set(port=1234, connect_timeout=1.5)
        with mock.patch.dict(
            os.environ,
            {"http_proxy": "http://proxy:1", "https_proxy": "http://proxy:1"},
        ):
            self.assertEqual(fakes.info("a"), self.call())
        _, request = self.send.call_args.args
        options = self.send.call_args.kwargs
        self.assertEqual("http://192.0.2.1:1234/", request.url)
        self.assertEqual((1.5, 7.0), options["timeout"])
        self.assertEqual({}, dict(options["proxies"]))
        self.assertTrue(options["stream"])
        self.assertNotIn("Authorization", request.headers)
        self.assertNotIn("X-Auth-Token", request.headers)
        call = json.loads(request.body)
        self.assertEqual("inspect.agent", call["method"])

    def test_held(self) -> None:
        direct.DirectClient(self.conf).call(
            contract.INSPECT_AGENT,
            requests.InspectAgent(),
            host="a",
            address="192.0.2.1",
            timeout=7.0,
            hold=requests.Hold(id="0" * 32, lease=15.0),
        )
        _, request = self.send.call_args.args
        self.assertEqual(
            {"id": "0" * 32, "lease": 15.0},
            json.loads(request.body)["params"]["hold"],
        )

    def test_ipv6(self) -> None:
        self.call("2001:db8::1")
        _, request = self.send.call_args.args
        self.assertEqual("http://[2001:db8::1]:9698/", request.url)

    def test_name(self) -> None:
        with mock.patch("socket.getaddrinfo", autospec=True):
            self.call(None)
        _, request = self.send.call_args.args
        self.assertEqual("http://a:9698/", request.url)

    def test_name_that_does_not_resolve(self) -> None:
        with (
            mock.patch(
                "socket.getaddrinfo", autospec=True, side_effect=OSError
            ),
            self.assertRaisesRegex(errors.OperationError, "not resolve"),
        ):
            self.call(None)
        self.send.assert_not_called()

    def test_password(self) -> None:
        self.set(username="admin", password="s3cret")
        self.call()
        _, request = self.send.call_args.args
        self.assertEqual(
            "Basic YWRtaW46czNjcmV0", request.headers["Authorization"]
        )

    def test_password_refused(self) -> None:
        self.set(username="admin", password="s3cret")
        self.send.return_value = response(b"", 401)
        self.assert_error(
            errors.ErrorCode.REFUSED, r"^password refused \(user admin\)$"
        )
        self.assertEqual(1, self.send.call_count)

    def test_password_asked_for(self) -> None:
        self.send.return_value = response(b"", 401)
        self.assert_error(errors.ErrorCode.REFUSED, "give .* username")

    def test_redirect_is_not_followed(self) -> None:
        moved = response(b"", 302)
        moved.headers["Location"] = "http://192.0.2.66/"

        def send(_: object, request: Any, **__: object) -> http.Response:
            moved.request = request
            return moved

        self.send.side_effect = send
        self.assert_error(errors.ErrorCode.INTERNAL, "302 Found")
        self.assertEqual(1, self.send.call_count)

    def test_not_retried(self) -> None:
        self.send.return_value = response(b"", 503)
        self.assert_error(errors.ErrorCode.INTERNAL, "503")
        self.assertEqual(1, self.send.call_count)

    def test_not_json(self) -> None:
        self.send.return_value = response(b"<html>")
        self.assert_error(errors.ErrorCode.INTERNAL, "not JSON")

    def test_agents_own_error(self) -> None:
        reply = contract.encode_error(
            errors.OperationError(errors.ErrorCode.BUSY, "too much to do")
        )
        self.send.return_value = response(
            json.dumps({"jsonrpc": "2.0", "id": 1, "result": reply}).encode()
        )
        self.assert_error(errors.ErrorCode.BUSY, "too much to do")

    def test_endless_answer(self) -> None:
        self.send.return_value = response(b"x" * 300_000)
        with mock.patch.object(direct, "MAX_RESPONSE_BYTES", 100_000):
            self.assert_error(errors.ErrorCode.INTERNAL, "larger than 100000")

    def test_no_connection(self) -> None:
        self.send.side_effect = http.ConnectionError(
            "http://192.0.2.1:9698/", ConnectionRefusedError(111, "no")
        )
        self.assert_error(errors.ErrorCode.NO_ANSWER, "^connection refused$")

    def test_certificate_for_the_name(self) -> None:
        self.set(tls=True)
        mismatch = ssl.SSLCertVerificationError("IP address mismatch")
        mismatch.verify_code = 64
        self.send.side_effect = [
            http.exceptions.SSLError(mismatch),
            response(answer()),
        ]
        self.assertEqual(fakes.info("a"), self.call())
        second = self.send.call_args.args[0]
        pool = second.poolmanager.connection_pool_kw
        self.assertEqual("a", pool["assert_hostname"])

    def test_bad_certificate(self) -> None:
        self.set(tls=True)
        expired = ssl.SSLCertVerificationError("x")
        expired.verify_code = 10
        expired.verify_message = "certificate has expired"
        self.send.side_effect = http.exceptions.SSLError(expired)
        self.assert_error(
            errors.ErrorCode.NO_ANSWER,
            "^bad certificate: certificate has expired$",
        )
        self.assertEqual(1, self.send.call_count)

    def test_half_of_the_credentials(self) -> None:
        self.set(username="admin")
        with self.assertRaisesRegex(
            controller_errors.ConfigurationError, "password is missing"
        ):
            direct.DirectClient(self.conf)
