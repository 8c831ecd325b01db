# SPDX-License-Identifier: Apache-2.0
"""The form of a call on the direct transport: JSON-RPC 2.0 over HTTP.

A call names the operation as ``method``; its ``params`` are an object with
the contract's ``version`` and the operation's ``arguments``::

    {"jsonrpc": "2.0", "id": "1", "method": "probe.icmp",
     "params": {"version": "1.0", "arguments": {"targets": […]}}}

Where the call is held, the ``params`` have its ``hold`` as well.

The ``result`` is the contract's reply, as on the message bus: an object with
``data`` or with ``error``. A JSON-RPC ``error`` is left to what never
reached an operation (https://www.jsonrpc.org/specification, section 5.1).
"""

import enum
import re
from typing import Any

import msgspec

from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

CONTENT_TYPE = "application/json"
#: Objects and lists inside one another, the message itself included.
MAX_DEPTH = 32

Id = str | int | float | None

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class Code(enum.IntEnum):
    """The codes of JSON-RPC's own errors."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603


_MEANING = {
    Code.METHOD_NOT_FOUND: errors.ErrorCode.UNKNOWN_OPERATION,
    Code.INVALID_PARAMS: errors.ErrorCode.BAD_ARGUMENT,
}


class ProtocolError(Exception):
    """A message is not a call of this transport."""

    def __init__(self, code: Code, message: str, id_: Id = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.id = id_


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """The ``params`` of a call."""

    version: str
    arguments: dict[str, Any] = {}
    hold: dict[str, Any] | None = None


# While there is one thread, see the types of the contract.
msgspec.json.Decoder(Params)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it was read; a ``notification`` wants no answer."""

    id: Id
    notification: bool
    method: str
    params: Params


def encode_call(
    operation: contract.Operation,
    request: requests.Request,
    id_: Id,
    hold: requests.Hold | None = None,
) -> bytes:
    """Return the body of the HTTP request that calls an operation.

    The version asked for is the one that brought the operation, so that any
    agent that has it will serve it.
    """
    params = {
        "version": operation.since,
        "arguments": msgspec.to_builtins(request),
    }
    if hold is not None:
        params["hold"] = msgspec.to_builtins(hold)
    return msgspec.json.encode(
        {
            "jsonrpc": "2.0",
            "id": id_,
            "method": operation.name,
            "params": params,
        }
    )


def decode_call(body: bytes) -> Call:
    """Read the body of an HTTP request.

    :raises ProtocolError: saying what is wrong with it
    """
    if _depth_exceeds(body, MAX_DEPTH):
        raise ProtocolError(
            Code.INVALID_REQUEST,
            f"the request is nested deeper than {MAX_DEPTH} levels",
        )
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(
            Code.PARSE_ERROR, f"the request is not JSON: {error}"
        ) from None
    if isinstance(message, list):
        raise ProtocolError(
            Code.INVALID_REQUEST,
            "batches are not served: send every call by itself",
        )
    if not isinstance(message, dict):
        raise ProtocolError(
            Code.INVALID_REQUEST, "the request is not an object"
        )
    return _read_call(message)


def _read_call(message: dict[str, Any]) -> Call:
    id_ = message.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int | float | None):
        raise ProtocolError(
            Code.INVALID_REQUEST, "'id' is neither a string nor a number"
        )
    if message.get("jsonrpc") != "2.0":
        raise ProtocolError(
            Code.INVALID_REQUEST, "'jsonrpc' has to be \"2.0\"", id_
        )
    method = message.get("method")
    if not isinstance(method, str):
        raise ProtocolError(
            Code.INVALID_REQUEST, "'method' has to be a string", id_
        )
    try:
        params = msgspec.convert(message.get("params", {}), Params)
    except msgspec.ValidationError as error:
        raise ProtocolError(
            Code.INVALID_PARAMS,
            "'params' has to be an object with 'version', a string, and "
            f"'arguments', an object: {error}",
            id_,
        ) from None
    return Call(
        id=id_,
        notification="id" not in message,
        method=method,
        params=params,
    )


def _depth_exceeds(body: bytes, limit: int) -> bool:
    """Tell whether brackets are nested deeper, without parsing.

    A parser would recurse into them first.
    """
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        if bracket[0] in b"[{":
            depth += 1
            if depth > limit:
                return True
        else:
            depth -= 1
    return False


def encode_result(id_: Id, reply: dict[str, Any]) -> bytes:
    """Return the body of the answer that carries the contract's reply."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id_, "result": reply})


def encode_error(error: ProtocolError) -> bytes:
    """Return the body of the answer to what is not a call."""
    return msgspec.json.encode(
        {
            "jsonrpc": "2.0",
            "id": error.id,
            "error": {"code": int(error.code), "message": error.message},
        }
    )


def decode_response(operation: contract.Operation, body: bytes) -> Any:
    """Return the data of an answer, as ``operation.reply``.

    :raises errors.OperationError: the one that the answer carries, or
        ``internal`` when the answer is not one of this transport
    """
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.OperationError(
            errors.ErrorCode.INTERNAL, f"the answer is not JSON: {error}"
        ) from None
    if isinstance(message, dict) and isinstance(message.get("error"), dict):
        raise _meaning(message["error"])
    if not isinstance(message, dict) or "result" not in message:
        raise errors.OperationError(
            errors.ErrorCode.INTERNAL, "the answer is not of JSON-RPC 2.0"
        )
    return contract.decode_reply(operation, message["result"])


def _meaning(error: dict[str, Any]) -> errors.OperationError:
    code = error.get("code")
    message = str(error.get("message", "the agent gives no reason"))
    if isinstance(code, int) and code in _MEANING:
        return errors.OperationError(_MEANING[Code(code)], message)
    return errors.OperationError(errors.ErrorCode.INTERNAL, message)
