# SPDX-License-Identifier: Apache-2.0
"""Errors that an operation can end with, and how they travel."""

from collections.abc import Iterable
import difflib
import enum

import msgspec

#: So many names are told of those that there are.
_TOLD = 20


class ErrorCode(enum.StrEnum):
    """The name of an error, the same on both transports."""

    #: An argument is not of its type or out of its bounds.
    BAD_ARGUMENT = "bad-argument"
    #: The agent does not know this operation (it is older, or newer).
    UNKNOWN_OPERATION = "unknown-operation"
    #: The agent does not speak this version of the contract.
    UNSUPPORTED_VERSION = "unsupported-version"
    #: The host lacks something the operation needs (a tool, a module).
    MISSING = "missing"
    #: The host's kernel or a tool refused.
    FAILED = "failed"
    #: As many operations run as the agent allows at once.
    BUSY = "busy"
    #: The agent broke; its log says more.
    INTERNAL = "internal"
    #: Nobody answered (set by the caller's side).
    NO_ANSWER = "no-answer"
    #: The other side refused the caller's credentials.
    REFUSED = "refused"


class OperationError(Exception):
    """An operation failed in a way its caller can act on."""

    def __init__(
        self, code: ErrorCode, message: str, argument: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.argument = argument


class ErrorReply(msgspec.Struct, frozen=True, kw_only=True):
    """An :class:`OperationError` on the wire."""

    code: ErrorCode
    message: str
    argument: str | None = None

    @classmethod
    def of(cls, error: OperationError) -> "ErrorReply":
        """Return the wire's form of an error."""
        return cls(
            code=error.code, message=error.message, argument=error.argument
        )


def instead_of(
    name: str, known: Iterable[str], told_as: str = "there are"
) -> str:
    """Return what to say after a name that is not known: what there is.

    It begins with a semicolon, and tells the first few of many.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    said = f"; did you mean {close[0]!r}?" if close else ""
    told = ", ".join(names[:_TOLD]) or "none"
    if len(names) > _TOLD:
        told += f" and {len(names) - _TOLD} more"
    return f"{said}; {told_as}: {told}"
