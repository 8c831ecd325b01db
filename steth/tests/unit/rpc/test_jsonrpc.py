# SPDX-License-Identifier: Apache-2.0

import json
from typing import Any
import unittest

from steth.model import agent
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import jsonrpc
from steth.rpc import requests

INFO = agent.AgentInfo(
    host="h",
    version="1",
    contract="1.0",
    operations=("inspect.agent",),
    time=1.0,
    uptime=2.0,
)


class CallTestCase(unittest.TestCase):
    def refuse(self, body: bytes) -> jsonrpc.ProtocolError:
        with self.assertRaises(jsonrpc.ProtocolError) as caught:
            jsonrpc.decode_call(body)
        return caught.exception

    def test_what_one_side_writes_the_other_reads(self) -> None:
        request = requests.ProbeIcmp(
            targets=(requests.IcmpTarget(address="192.0.2.1", size=1500),)
        )
        call = jsonrpc.decode_call(
            jsonrpc.encode_call(contract.PROBE_ICMP, request, 7)
        )
        self.assertEqual((7, "probe.icmp"), (call.id, call.method))
        self.assertEqual("1.0", call.params.version)
        self.assertFalse(call.notification)
        self.assertEqual(
            request,
            contract.decode_request(
                contract.PROBE_ICMP, call.params.arguments
            ),
        )

    def test_held(self) -> None:
        request = requests.InspectAgent()
        body = jsonrpc.encode_call(contract.INSPECT_AGENT, request, 7)
        # Nothing is said of it to agents where there is nothing to say.
        self.assertNotIn("hold", json.loads(body)["params"])
        self.assertIsNone(jsonrpc.decode_call(body).params.hold)
        hold = requests.Hold(id="0" * 32, lease=15.0)
        body = jsonrpc.encode_call(contract.INSPECT_AGENT, request, 7, hold)
        self.assertEqual(
            {"id": "0" * 32, "lease": 15.0},
            jsonrpc.decode_call(body).params.hold,
        )

    def test_notification(self) -> None:
        call = jsonrpc.decode_call(
            b'{"jsonrpc":"2.0","method":"m","params":{"version":"1.0"}}'
        )
        self.assertTrue(call.notification)
        call = jsonrpc.decode_call(
            b'{"jsonrpc":"2.0","id":null,"method":"m",'
            b'"params":{"version":"1.0"}}'
        )
        self.assertFalse(call.notification)

    def test_what_is_no_call(self) -> None:
        for body, code, text in (
            (b"", jsonrpc.Code.PARSE_ERROR, "not JSON"),
            (b"\xff", jsonrpc.Code.PARSE_ERROR, "not JSON"),
            (b'{"id": 1e999}', jsonrpc.Code.PARSE_ERROR, "range"),
            (b'"\\ud800"', jsonrpc.Code.PARSE_ERROR, "not JSON"),
            (b"3", jsonrpc.Code.INVALID_REQUEST, "object"),
            (b"[{}]", jsonrpc.Code.INVALID_REQUEST, "batches"),
            (b"{}", jsonrpc.Code.INVALID_REQUEST, "jsonrpc"),
            (b'{"id": true}', jsonrpc.Code.INVALID_REQUEST, "id"),
            (b'{"id": [1]}', jsonrpc.Code.INVALID_REQUEST, "id"),
            (b'{"jsonrpc":"2.0"}', jsonrpc.Code.INVALID_REQUEST, "method"),
        ):
            with self.subTest(body=body):
                error = self.refuse(body)
                self.assertEqual(code, error.code)
                self.assertIn(text, error.message)

    def test_params(self) -> None:
        for params in (
            [1],
            {},
            {"version": 1},
            {"version": "1.0", "arguments": []},
        ):
            with self.subTest(params=params):
                body = {
                    "jsonrpc": "2.0",
                    "id": "x",
                    "method": "m",
                    "params": params,
                }
                error = self.refuse(json.dumps(body).encode())
                self.assertEqual(jsonrpc.Code.INVALID_PARAMS, error.code)
                self.assertEqual("x", error.id)

    def test_depth(self) -> None:
        def nested(depth: int) -> bytes:
            inner: Any = 1
            for _ in range(depth - 3):
                inner = [inner]
            return json.dumps(
                {
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "m",
                    "params": {"version": "1", "arguments": {"a": inner}},
                }
            ).encode()

        jsonrpc.decode_call(nested(jsonrpc.MAX_DEPTH))
        error = self.refuse(nested(jsonrpc.MAX_DEPTH + 1))
        self.assertEqual(jsonrpc.Code.INVALID_REQUEST, error.code)
        self.assertIn("deeper", error.message)
        for body in (b"[" * 10**6, b'{"a":' * 10**5, b'"' + b"\\" * 10**6):
            self.refuse(body)

    def test_brackets_in_text_are_no_depth(self) -> None:
        text = '[{"\\' * 100
        body = {
            "jsonrpc": "2.0",
            "id": text,
            "method": text,
            "params": {"version": text},
        }
        call = jsonrpc.decode_call(json.dumps(body).encode())
        self.assertEqual(text, call.method)


class ResponseTestCase(unittest.TestCase):
    def refuse(self, body: bytes) -> errors.OperationError:
        with self.assertRaises(errors.OperationError) as caught:
            jsonrpc.decode_response(contract.INSPECT_AGENT, body)
        return caught.exception

    def test_data(self) -> None:
        body = jsonrpc.encode_result(1, contract.encode_data(INFO))
        self.assertEqual(
            {"jsonrpc": "2.0", "id": 1},
            {k: v for k, v in json.loads(body).items() if k != "result"},
        )
        self.assertEqual(
            INFO, jsonrpc.decode_response(contract.INSPECT_AGENT, body)
        )

    def test_error_of_the_operation(self) -> None:
        reply = contract.encode_error(
            errors.OperationError(errors.ErrorCode.BUSY, "later", "count")
        )
        error = self.refuse(jsonrpc.encode_result(1, reply))
        self.assertEqual(errors.ErrorCode.BUSY, error.code)
        self.assertEqual(("later", "count"), (error.message, error.argument))

    def test_error_of_the_protocol(self) -> None:
        for code, meaning in (
            (jsonrpc.Code.METHOD_NOT_FOUND,
             errors.ErrorCode.UNKNOWN_OPERATION),
            (jsonrpc.Code.INVALID_PARAMS, errors.ErrorCode.BAD_ARGUMENT),
            (jsonrpc.Code.PARSE_ERROR, errors.ErrorCode.INTERNAL),
        ):  # fmt: skip
            with self.subTest(code=code):
                body = jsonrpc.encode_error(
                    jsonrpc.ProtocolError(code, "why", 1)
                )
                error = self.refuse(body)
                self.assertEqual((meaning, "why"), (error.code, error.message))

    def test_what_is_no_answer(self) -> None:
        for body in (
            b"",
            b"<html>",
            b"[" * 100_000,
            b"null",
            b"{}",
            b'{"result": 1}',
            b'{"result": {"data": {"host": 1}}}',
            b'{"error": 3}',
            b'{"error": {}}',
            b'{"error": {"code": {}}}',
            b'{"error": {"code": -1.5, "message": []}}',
        ):
            with self.subTest(body=body[:40]):
                self.assertEqual(
                    errors.ErrorCode.INTERNAL, self.refuse(body).code
                )
