# SPDX-License-Identifier: Apache-2.0
"""Says in a few words why a direct listener gave no answer.

Libraries wrap the cause several times, each with the whole URL; a person
wants the innermost one.
"""

from collections.abc import Iterator
import errno
import http
from http import client as http_client
import os
import socket
import ssl

import requests
from urllib3 import exceptions as urllib3_exceptions
from urllib3.util import ssl_match_hostname

from steth.rpc import errors

#: X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of
#: openssl/x509_vfy.h.
_OTHER_NAME = {62, 64}

_ERRNOS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
    errno.ETIMEDOUT: "connection timed out",
}

#: The exceptions of the HTTP libraries, the special ones first.
_KINDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (urllib3_exceptions.NameResolutionError, socket.gaierror),
        "its name does not resolve",
    ),
    (
        (
            requests.exceptions.ConnectTimeout,
            urllib3_exceptions.ConnectTimeoutError,
        ),
        "connection timed out",
    ),
    (
        (
            requests.exceptions.ReadTimeout,
            urllib3_exceptions.ReadTimeoutError,
        ),
        "accepted the connection, then no answer in time",
    ),
    (
        (http_client.RemoteDisconnected, http_client.IncompleteRead),
        "closed the connection without an answer",
    ),
)

#: What the listener's TLS library says of the client (RFC 8446, 6.2).
_ALERTS = (
    "certificate required",
    "bad certificate",
    "unknown ca",
    "certificate expired",
    "certificate unknown",
    "unsupported certificate",
)


def of_connection(
    error: BaseException, *, has_certificate: bool
) -> errors.OperationError:
    """Return the error that stands for a failed connection."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _of_tls(cause, has_certificate)
    # The kernel's own word first: a refused connection may be wrapped in
    # what urllib3 derives from its time-out.
    for say in (_said_by_kernel, _said_by_library):
        for said in map(say, causes):
            if said is not None:
                return _no_answer(said)
    return _no_answer(f"connection failed ({type(error).__name__})")


def of_status(
    status: int, content: bytes, username: str | None
) -> errors.OperationError:
    """Return the error that stands for an HTTP status other than 200."""
    if status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
        if username is None:
            said = (
                "a password is asked for: give [direct_client] username and "
                "password"
            )
        else:
            said = f"password refused (user {username})"
        return errors.OperationError(errors.ErrorCode.REFUSED, said)
    if status == http.HTTPStatus.BAD_REQUEST and b"HTTPS" in content:
        return _no_answer("it speaks TLS: set [direct_client] tls")
    try:
        phrase = f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return errors.OperationError(
        errors.ErrorCode.INTERNAL, f"HTTP status {phrase}"
    )


def is_other_name(error: BaseException) -> bool:
    """Tell whether a certificate is good, but for another name."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        and cause.verify_code in _OTHER_NAME
        for cause in _causes(error)
    )


def is_closed(error: BaseException) -> bool:
    """Tell whether the other side closed a connection without a word."""
    return any(
        isinstance(
            cause,
            ssl.SSLEOFError
            | ssl.SSLZeroReturnError
            | ConnectionResetError
            | BrokenPipeError,
        )
        for cause in _causes(error)
    )


def _of_tls(
    error: ssl.SSLError, has_certificate: bool
) -> errors.OperationError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _no_answer(f"bad certificate: {error.verify_message or error}")
    said = (error.reason or str(error)).replace("_", " ").lower()
    if any(alert in said for alert in _ALERTS):
        if not has_certificate:
            return errors.OperationError(
                errors.ErrorCode.REFUSED,
                "a client certificate is asked for: give [direct_client] "
                "certificate_file",
            )
        return errors.OperationError(
            errors.ErrorCode.REFUSED, f"client certificate refused: {said}"
        )
    if "wrong version number" in said or "record layer failure" in said:
        return _no_answer("it does not speak TLS: unset [direct_client] tls")
    if isinstance(error, ssl.SSLEOFError):
        return _no_answer("closed the TLS connection")
    return _no_answer(f"TLS failed: {said}")


def _said_by_kernel(cause: BaseException) -> str | None:
    if isinstance(cause, OSError) and cause.errno in _ERRNOS:
        return _ERRNOS[cause.errno]
    return None


def _said_by_library(cause: BaseException) -> str | None:
    for kinds, said in _KINDS:
        if isinstance(cause, kinds):
            return said
    if isinstance(cause, ssl_match_hostname.CertificateError):
        return f"bad certificate: {cause}"
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno).lower()
    return None


def _no_answer(said: str) -> errors.OperationError:
    return errors.OperationError(errors.ErrorCode.NO_ANSWER, said)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all it was made of, the outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [
            one.__cause__,
            one.__context__,
            getattr(one, "reason", None),
            *one.args,
        ]
