# SPDX-License-Identifier: Apache-2.0
"""Connections of the direct listener that end in time."""

import http
import socket
import ssl
import time
from typing import Any

from cheroot import makefile
from cheroot import server
from oslo_log import log

from steth.agent.direct import app
from steth.rpc import jsonrpc

LOG = log.getLogger(__name__)

_PLAIN_HTTP = "HTTP_REQUEST"


class TimedSocket:
    """A socket whose reads or writes, taken together, end in time.

    A time-out of the socket's own starts anew with each byte, so that a
    client could hold a thread for as long as it likes.
    """

    def __init__(self, sock: socket.socket, timeout: float) -> None:
        self.plain = sock
        self._timeout = timeout
        self._until = 0.0
        self.restart()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def restart(self) -> None:
        """Give all the time again."""
        self._until = time.monotonic() + self._timeout

    def arm(self) -> None:
        """Let the next call on the socket take what is left.

        :raises TimeoutError: if nothing is
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.plain.settimeout(left)

    def recv_into(self, *arguments: Any) -> int:
        """Read, see :meth:`socket.socket.recv_into`."""
        self.arm()
        return self.plain.recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        """Write, see :meth:`socket.socket.send`."""
        self.arm()
        return self.plain.send(*arguments)


class Request(server.HTTPRequest):
    """A request whose refusals are JSON, like all other answers."""

    def simple_response(self, status: str | int, msg: str = "") -> None:
        """Refuse what is not a sound HTTP request, and close."""
        self.close_connection = True
        code = http.HTTPStatus(int(str(status)[:3]))
        body = app.refusal(msg or code.phrase)
        LOG.info("%s: refused: %s", self.conn.peer, msg or code.phrase)
        self.conn.socket.restart()
        try:
            self.conn.wfile.write(_response(code, body))
        except OSError as error:
            LOG.debug("%s: gone before the answer: %s", self.conn.peer, error)

    def ensure_headers_sent(self) -> None:
        """Begin to answer, for which the client has time anew."""
        if not self.sent_headers:
            self.conn.socket.restart()
        super().ensure_headers_sent()


def _response(code: http.HTTPStatus, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {code.value} {code.phrase}\r\n"
        f"Content-Type: {jsonrpc.CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


class Connection(server.HTTPConnection):
    """A client's connection."""

    RequestHandlerClass = Request

    def __init__(
        self,
        http_server: server.HTTPServer,
        sock: socket.socket,
        make: Any = makefile.MakeFile,
    ) -> None:
        super().__init__(
            http_server, TimedSocket(sock, http_server.timeout), make
        )
        #: Whether it has waited for its first byte outside of any thread.
        self.has_waited = False
        self._strange = isinstance(sock, ssl.SSLSocket)

    @property
    def peer(self) -> str:
        """Who is at the other end, for the log."""
        return f"{self.remote_addr} port {self.remote_port}"

    def communicate(self) -> bool:
        """Serve one request; tell whether the connection stays."""
        self.socket.restart()
        if self._strange and not self._shake_hands():
            return False
        return bool(
            super().communicate()  # type: ignore[no-untyped-call]
        )

    def close(self) -> None:
        """Close, whatever state it is in."""
        self.server.forget(self)
        super().close()

    def _shake_hands(self) -> bool:
        reason = None
        try:
            self.socket.arm()
            self.socket.do_handshake()
        except ssl.SSLError as error:
            reason = error.reason or str(error)
        except OSError as error:
            reason = str(error)
        if reason is None:
            self._strange = False
            return True
        if reason == _PLAIN_HTTP:
            self._refuse_plain_http()
        # Not above: oslo.log adds the error that is being handled.
        LOG.warning(
            "%s: no TLS connection: %s",
            self.peer,
            reason.replace("_", " ").lower(),
        )
        return False

    def _refuse_plain_http(self) -> None:
        body = app.refusal("this port speaks HTTPS, not HTTP")
        try:
            # Past the TLS layer, in the client's own language.
            socket.socket.send(
                self.socket.plain,
                _response(http.HTTPStatus.BAD_REQUEST, body),
            )
        except OSError as error:
            LOG.debug("%s: gone before the answer: %s", self.peer, error)
