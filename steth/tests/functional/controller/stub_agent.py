# SPDX-License-Identifier: Apache-2.0
"""A stub of an agent's direct listener, for what no real agent does.

There is no older or newer release of the agent to install yet, and none
that answers with garbage.
"""

from collections.abc import Callable
import contextlib
from http import server
import json
import threading
from typing import Any
import unittest

from steth.rpc import contract

#: Writes the whole HTTP answer, given the JSON-RPC call.
Behaviour = Callable[[server.BaseHTTPRequestHandler, dict[str, Any]], None]


def says(version: str, speaks: str, *operations: str) -> dict[str, Any]:
    """Return what an agent of a version says of itself.

    It has a field that this release does not know.
    """
    return {
        "host": "a",
        "version": version,
        "contract": speaks,
        "operations": list(operations or contract.OPERATIONS),
        "time": 1.0,
        "uptime": 2.0,
        "mood": "good",
    }


def answering(data: dict[str, Any]) -> Behaviour:
    """Answer every call with the same data."""

    def behave(
        request: server.BaseHTTPRequestHandler, call: dict[str, Any]
    ) -> None:
        body = {"jsonrpc": "2.0", "id": call["id"], "result": {"data": data}}
        send(request, json.dumps(body).encode())

    return behave


def send(
    request: server.BaseHTTPRequestHandler,
    body: bytes,
    status: int = 200,
    **headers: str,
) -> None:
    """Send an HTTP answer."""
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    with contextlib.suppress(OSError):
        request.wfile.write(body)


class StubAgent:
    """Listens on a port of its own on 127.0.0.1 until the test has ended.

    ``calls`` are those that it got.
    """

    def __init__(self, test: unittest.TestCase, behave: Behaviour) -> None:
        self.calls: list[dict[str, Any]] = []
        stub = self

        class Handler(server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                call = json.loads(self.rfile.read(length))
                stub.calls.append(call)
                behave(self, call)

            def log_message(self, *_: object) -> None:
                pass

        listening = server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = listening.server_address[1]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        test.addCleanup(listening.server_close)
        test.addCleanup(listening.shutdown)
