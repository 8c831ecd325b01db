# SPDX-License-Identifier: Apache-2.0

import io
import json
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent import operations
from steth.agent.direct import app
from steth.rpc import contract
from steth.rpc import jsonrpc
from steth.rpc import requests

CALL = jsonrpc.encode_call(
    contract.INSPECT_AGENT, requests.InspectAgent(), "a"
)


class AppTestCase(unittest.TestCase):
    """The application called as a WSGI server calls it."""

    def setUp(self) -> None:
        self.performer = mock.create_autospec(operations.Operations)
        self.performer.perform.return_value = {"data": {"x": 1}}
        self.app = app.JsonRpc(self.performer, "h1", 1000)
        self.status = ""
        self.headers: dict[str, str] = {}

    def ask(self, body: bytes = CALL, **environ: Any) -> Any:
        """Return the body of the answer, read."""

        def start_response(
            status: str, headers: list[tuple[str, str]]
        ) -> None:
            self.status = status
            self.headers = dict(headers)

        given = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "192.0.2.7",
            "REMOTE_PORT": "4711",
            "wsgi.input": io.BytesIO(body),
            **environ,
        }
        said = b"".join(self.app(given, start_response))
        return json.loads(said) if said else None

    def test_call(self) -> None:
        answer = self.ask()
        self.assertEqual("200 OK", self.status)
        self.assertEqual(
            {"jsonrpc": "2.0", "id": "a", "result": {"data": {"x": 1}}},
            answer,
        )
        self.performer.perform.assert_called_once_with(
            contract.INSPECT_AGENT, {}, None
        )

    def test_held(self) -> None:
        hold = requests.Hold(id="0" * 32, lease=15.0)
        self.ask(
            jsonrpc.encode_call(
                contract.INSPECT_AGENT, requests.InspectAgent(), "a", hold
            )
        )
        self.performer.perform.assert_called_once_with(
            contract.INSPECT_AGENT, {}, msgspec.to_builtins(hold)
        )

    def test_error_of_an_operation_is_a_result(self) -> None:
        reply = {"error": {"code": "busy", "message": "later"}}
        self.performer.perform.return_value = reply
        self.assertEqual(reply, self.ask()["result"])
        self.assertEqual("200 OK", self.status)

    def test_notification(self) -> None:
        message = json.loads(CALL)
        del message["id"]
        self.assertIsNone(self.ask(json.dumps(message).encode()))
        self.assertEqual("204 No Content", self.status)
        self.performer.perform.assert_called_once()

    def test_who(self) -> None:
        answer = self.ask(b"", REQUEST_METHOD="GET")
        self.assertEqual("200 OK", self.status)
        self.assertEqual("steth-agent", answer["name"])
        self.assertEqual("h1", answer["host"])

    def test_refused(self) -> None:
        for status, environ in (
            ("404", {"PATH_INFO": "/x"}),
            ("405", {"REQUEST_METHOD": "DELETE"}),
            ("415", {"CONTENT_TYPE": "text/plain"}),
            ("415", {"CONTENT_TYPE": ""}),
            ("411", {"CONTENT_LENGTH": ""}),
            ("411", {"CONTENT_LENGTH": "-1"}),
            ("411", {"CONTENT_LENGTH": "+1"}),
            ("411", {"CONTENT_LENGTH": "\u0664"}),
            ("411", {"CONTENT_LENGTH": "9" * 30}),
            ("411", {"wsgi.input_terminated": True}),
            ("413", {"CONTENT_LENGTH": "1001"}),
        ):
            with (
                self.subTest(environ=environ),
                self.assertLogs("steth.agent.direct.app", "INFO") as logs,
            ):
                answer = self.ask(**environ)
                self.assertEqual(status, self.status[:3])
                self.assertTrue(answer["error"]["message"])
                self.assertEqual("close", self.headers["Connection"])
                self.assertIn("192.0.2.7 port 4711", logs.output[0])
        self.performer.perform.assert_not_called()

    def test_content_type_with_parameters(self) -> None:
        self.ask(CONTENT_TYPE="Application/JSON; charset=utf-8")
        self.assertEqual("200 OK", self.status)

    def test_unknown_operation(self) -> None:
        for method in ("probe.vlan", "x" * 500, "", "__init__"):
            message = {**json.loads(CALL), "method": method}
            with self.subTest(method=method):
                answer = self.ask(json.dumps(message).encode())
                self.assertEqual(-32601, answer["error"]["code"])
                self.assertEqual("a", answer["id"])
                self.assertIn("h1", answer["error"]["message"])
                self.assertLess(len(answer["error"]["message"]), 200)

    def test_versions(self) -> None:
        for version, served in (
            ("1.0", True),
            ("1.1", False),
            ("2.0", False),
            ("0.1", False),
            ("x", False),
            ("", False),
        ):
            message = json.loads(CALL)
            message["params"]["version"] = version
            with self.subTest(version=version):
                result = self.ask(json.dumps(message).encode())["result"]
                if served:
                    self.assertIn("data", result)
                else:
                    self.assertEqual(
                        "unsupported-version", result["error"]["code"]
                    )
