# SPDX-License-Identifier: Apache-2.0
"""The WSGI application that serves JSON-RPC calls."""

from collections.abc import Callable
from collections.abc import Iterable
import http
import re
from typing import Any

import msgspec
from oslo_log import log
from oslo_utils import versionutils

from steth.agent import operations
from steth.agent.inspect import agent
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import jsonrpc

LOG = log.getLogger(__name__)

#: The server takes a sign, which would have it read without end.
_DIGITS = re.compile("[0-9]{1,12}")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class HttpError(Exception):
    """A request is refused before it is looked at as a call."""

    def __init__(self, status: http.HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def peer(environ: Environ) -> str:
    """Return who asks, for the log."""
    return f"{environ.get('REMOTE_ADDR')} port {environ.get('REMOTE_PORT')}"


def answer(
    start_response: StartResponse,
    status: http.HTTPStatus,
    body: bytes,
    *headers: tuple[str, str],
) -> Iterable[bytes]:
    """Send a JSON body."""
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", jsonrpc.CONTENT_TYPE),
            ("Content-Length", str(len(body))),
            *headers,
        ],
    )
    return [body]


def refusal(message: str) -> bytes:
    """Return the body that explains an HTTP status of failure."""
    return jsonrpc.encode_error(
        jsonrpc.ProtocolError(jsonrpc.Code.INVALID_REQUEST, message)
    )


class JsonRpc:
    """Serves ``POST /``; ``GET /`` says who is here, to see if it is well."""

    def __init__(
        self, performer: operations.Operations, host: str, max_bytes: int
    ) -> None:
        self._performer = performer
        self._host = host
        self._max_bytes = max_bytes

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            if environ["PATH_INFO"] != "/":
                raise HttpError(
                    http.HTTPStatus.NOT_FOUND, "calls are sent to the path /"
                )
            if environ["REQUEST_METHOD"] == "GET":
                return answer(start_response, http.HTTPStatus.OK, self._who())
            if environ["REQUEST_METHOD"] != "POST":
                raise HttpError(
                    http.HTTPStatus.METHOD_NOT_ALLOWED, "calls are POSTed"
                )
            body = self._read(environ)
        except HttpError as error:
            LOG.info("%s: refused: %s", peer(environ), error.message)
            # Part of the body may be unread, so this connection is done.
            return answer(
                start_response,
                error.status,
                refusal(error.message),
                ("Connection", "close"),
            )
        reply = self._serve(body, peer(environ))
        if reply is None:
            start_response("204 No Content", [])
            return []
        return answer(start_response, http.HTTPStatus.OK, reply)

    def _who(self) -> bytes:
        info = agent.describe(self._host)
        return msgspec.json.encode(
            {"name": "steth-agent", "host": info.host, "version": info.version}
        )

    def _read(self, environ: Environ) -> bytes:
        """Return the body of a request.

        A browser can be made to POST anything but this content type to us
        without asking first, so no other is taken.
        """
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip()
        if kind.lower() != jsonrpc.CONTENT_TYPE:
            raise HttpError(
                http.HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"the content type has to be {jsonrpc.CONTENT_TYPE}",
            )
        length = environ.get("CONTENT_LENGTH", "")
        if environ.get("wsgi.input_terminated") or not _DIGITS.fullmatch(
            length
        ):
            raise HttpError(
                http.HTTPStatus.LENGTH_REQUIRED,
                "Content-Length has to tell the number of bytes",
            )
        if int(length) > self._max_bytes:
            raise HttpError(
                http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the request is larger than {self._max_bytes} bytes, see "
                "[direct] max_request_bytes",
            )
        return bytes(environ["wsgi.input"].read(int(length)))

    def _serve(self, body: bytes, caller: str) -> bytes | None:
        """Return the answer to a call, ``None`` to a notification."""
        try:
            call = jsonrpc.decode_call(body)
            operation = contract.OPERATIONS.get(call.method)
            if operation is None:
                raise jsonrpc.ProtocolError(
                    jsonrpc.Code.METHOD_NOT_FOUND,
                    f"the agent on {self._host} has no operation "
                    f"{call.method[:64]!r}",
                    call.id,
                )
        except jsonrpc.ProtocolError as error:
            LOG.info("%s: not served: %s", caller, error.message)
            return jsonrpc.encode_error(error)
        LOG.debug("%s: calls %s", caller, call.method)
        reply = self._check_version(call.params.version)
        if reply is None:
            reply = self._performer.perform(
                operation, call.params.arguments, call.params.hold
            )
        if call.notification:
            return None
        return jsonrpc.encode_result(call.id, reply)

    def _check_version(self, wanted: str) -> dict[str, Any] | None:
        """Return the refusal of a version, ``None`` if it is served.

        The same rule as oslo.messaging has: of the same major version, and
        not newer.
        """
        try:
            if versionutils.is_compatible(wanted, contract.VERSION):
                return None
        except ValueError:
            pass
        return contract.encode_error(
            errors.OperationError(
                errors.ErrorCode.UNSUPPORTED_VERSION,
                f"the agent on {self._host} speaks version "
                f"{contract.VERSION} of the contract, not {wanted[:16]!r}",
            )
        )
