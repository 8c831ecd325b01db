# SPDX-License-Identifier: Apache-2.0
"""The direct client's TLS: the files it needs, and what a refusal means."""

import contextlib
import os
import socket
import ssl

import msgspec
from oslo_config import cfg

from steth.controller import errors as controller_errors

_PATIENCE = 1.0


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """Certificate authorities, and the client's certificate with its key.

    Without ``authorities`` those of the system are used; without ``key``
    the key is in the certificate's file.
    """

    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None


def read(options: cfg.ConfigOpts.GroupAttr) -> Files:
    """Return the configured files, which can be read and used.

    :param options: the group ``direct_client``
    :raises controller_errors.ConfigurationError: naming the option
    """
    files = Files(
        authorities=options.ca_file,
        certificate=options.certificate_file,
        key=options.key_file,
    )
    for option in ("ca_file", "certificate_file", "key_file"):
        _check_readable(option, options[option])
    if files.key is not None and files.certificate is None:
        raise controller_errors.ConfigurationError(
            "[direct_client] certificate_file is missing: key_file is given"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if files.authorities is not None:
        try:
            context.load_verify_locations(files.authorities)
        except ssl.SSLError as error:
            raise controller_errors.ConfigurationError(
                f"[direct_client] ca_file: {files.authorities} holds no "
                f"certificate in PEM form ({_reason(error)})"
            ) from None
    try:
        _load_certificate(context, files)
    except ssl.SSLError as error:
        raise controller_errors.ConfigurationError(
            f"[direct_client] certificate_file: {files.certificate} and "
            f"{files.key or 'the key in it'} are not a certificate and its "
            f"private key in PEM form, without a passphrase "
            f"({_reason(error)})"
        ) from None
    return files


def refusal(
    files: Files, address: str, port: int, timeout: float
) -> ssl.SSLError | None:
    """Return why a listener ends TLS connections, as it says itself.

    In TLS 1.3 a client has sent its request before the listener has looked
    at the client's certificate, and then often sees only a connection that
    is closed (RFC 8446, 4.4.2.4 and appendix E). Who sends nothing gets to
    read the alert.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Nothing is said on this connection; whoever it is may say why.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        _load_certificate(context, files)
        with (
            socket.create_connection((address, port), timeout) as plain,
            context.wrap_socket(plain) as connection,
        ):
            connection.settimeout(min(timeout, _PATIENCE))
            try:
                connection.recv(1)
            except ssl.SSLError as error:
                return error
    return None


def _load_certificate(context: ssl.SSLContext, files: Files) -> None:
    if files.certificate is not None:
        # An empty passphrase: the question for one would go to the terminal
        # of whoever waits for the report.
        context.load_cert_chain(files.certificate, files.key, password="")


def _check_readable(option: str, path: str | None) -> None:
    if path is None:
        return
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise controller_errors.ConfigurationError(
            f"[direct_client] {option}: cannot read {path}: "
            f"{os.strerror(error.errno or 0)}"
        ) from None


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
