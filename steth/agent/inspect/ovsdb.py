# SPDX-License-Identifier: Apache-2.0
"""Reading a database of Open vSwitch, see RFC 7047.

Its clients' library is not used: it keeps a copy of the database up to date,
which takes a thread and the schema, where one look is wanted.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import json
import socket
import time
import types
from typing import Any
from typing import Self

#: No database of a host is as large, and none takes as long; seconds.
MAX_BYTES = 32 * 1024 * 1024
TIMEOUT = 5.0

_CHUNK = 1 << 18
_DECODER = json.JSONDecoder()

Row = dict[str, Any]


class OvsdbError(Exception):
    """The database cannot be read; the message says why."""


class Connection:
    """A connection to a database server.

    :param target: ``tcp:<address>:<port>`` or ``unix:<path>``
    :raises OvsdbError: nobody answers there
    """

    def __init__(self, target: str) -> None:
        self._deadline = time.monotonic() + TIMEOUT
        self._received = 0
        self._buffer = bytearray()
        self._sequence = 0
        try:
            self._socket = _connect(target)
        except OSError as error:
            raise OvsdbError(error.strerror or str(error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._socket.close()

    def select(
        self, database: str, tables: Mapping[str, Sequence[str]]
    ) -> dict[str, list[Row]]:
        """Return the rows of tables, all as of one moment.

        :param tables: the columns to read of each table
        :raises OvsdbError: they can't be read
        """
        operations = [
            {
                "op": "select",
                "table": table,
                "where": [],
                "columns": ["_uuid", *columns],
            }
            for table, columns in tables.items()
        ]
        results = self._call("transact", [database, *operations])
        try:
            return {
                table: result["rows"]
                for table, result in zip(tables, results, strict=True)
            }
        except (KeyError, TypeError, ValueError):
            raise OvsdbError(f"it answers {_short(results)}") from None

    def is_locked(self, name: str) -> bool:
        """Return whether somebody else holds a lock of this name.

        :raises OvsdbError: it does not say
        """
        result = self._call("lock", [name])
        if not isinstance(result, dict) or "locked" not in result:
            raise OvsdbError(f"it answers {_short(result)}")
        # Whether we have it now or wait for it, we do not want it.
        self._call("unlock", [name])
        return not result["locked"]

    def _call(self, method: str, parameters: list[Any]) -> Any:
        self._sequence += 1
        message = {
            "id": self._sequence,
            "method": method,
            "params": parameters,
        }
        try:
            self._socket.settimeout(self._remaining())
            self._socket.sendall(json.dumps(message).encode())
            while True:
                answer = self._receive()
                # What else it says, its keep-alive too, is not for us.
                if answer.get("id") == self._sequence and ("result" in answer):
                    break
        except TimeoutError:
            raise OvsdbError(
                f"no answer within {TIMEOUT:.0f} seconds"
            ) from None
        except OSError as error:
            raise OvsdbError(error.strerror or str(error)) from None
        if answer.get("error"):
            raise OvsdbError(f"it refuses: {_short(answer['error'])}")
        return answer["result"]

    def _receive(self) -> dict[str, Any]:
        """Return the next message: an object, with nothing between two."""
        while True:
            # Only where a message can end is it worth trying to decode.
            if self._buffer.endswith(b"}"):
                text = self._buffer.decode(errors="replace")
                with contextlib.suppress(ValueError):
                    message, end = _DECODER.raw_decode(text)
                    self._buffer = bytearray(text[end:].encode())
                    if not isinstance(message, dict):
                        raise OvsdbError("it does not speak OVSDB")
                    return message
            self._socket.settimeout(self._remaining())
            data = self._socket.recv(_CHUNK)
            if not data:
                raise OvsdbError("it closed the connection")
            self._received += len(data)
            if self._received > MAX_BYTES:
                raise OvsdbError(f"it sends more than {MAX_BYTES} bytes")
            self._buffer += data

    def _remaining(self) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


def _connect(target: str) -> socket.socket:
    scheme, _, place = target.partition(":")
    if scheme == "unix":
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            opened.settimeout(TIMEOUT)
            opened.connect(place)
        except OSError:
            opened.close()
            raise
        return opened
    address, _, port = place.rpartition(":")
    return socket.create_connection(
        (address.strip("[]"), int(port)), timeout=TIMEOUT
    )


def _short(answer: object) -> str:
    return json.dumps(answer)[:200]


def atoms(value: Any) -> list[Any]:
    """Return the members of a column's value that is a set or one atom."""
    if isinstance(value, list) and len(value) == 2 and value[0] == "set":
        return list(value[1])
    return [value]


def optional(value: Any) -> Any:
    """Return the value of a column that may be empty, ``None`` if it is."""
    found = atoms(value)
    return found[0] if found else None


def mapping(value: Any) -> dict[str, str]:
    """Return the value of a column that is a map of strings."""
    _, pairs = value
    return {str(key): str(one) for key, one in pairs}


def identifiers(value: Any) -> list[str]:
    """Return the row ids that a column refers to."""
    return [identifier for _, identifier in atoms(value)]
