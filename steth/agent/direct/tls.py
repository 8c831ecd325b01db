# SPDX-License-Identifier: Apache-2.0
"""TLS for the direct listener."""

import ssl

from cheroot import errors as cheroot_errors
from cheroot import makefile
from cheroot import ssl as cheroot_ssl
from oslo_config import cfg


class TlsError(ValueError):
    """Certificates can't be used; says which and why."""


def is_configured(conf: cfg.ConfigOpts) -> bool:
    """Tell whether the listener speaks TLS.

    :raises TlsError: if the options contradict each other
    """
    options = conf.direct
    if bool(options.certificate_file) != bool(options.key_file):
        given, missing = ("certificate_file", "key_file")
        if options.key_file:
            given, missing = missing, given
        raise TlsError(
            f"[direct] {given} is given but {missing} is not: TLS needs both"
        )
    if options.client_ca_file and not options.certificate_file:
        raise TlsError(
            "[direct] client_ca_file needs TLS: give certificate_file and "
            "key_file too"
        )
    return bool(options.certificate_file)


def make_context(conf: cfg.ConfigOpts) -> ssl.SSLContext:
    """Return the TLS context that the options describe.

    :raises TlsError: if a file can't be used
    """
    options = conf.direct
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option in ("certificate_file", "key_file", "client_ca_file"):
        _check_readable(option, getattr(options, option))
    try:
        context.load_cert_chain(
            options.certificate_file,
            options.key_file,
            # Else OpenSSL would ask for one on the terminal.
            password=_no_password,
        )
    except (OSError, ValueError) as error:
        raise TlsError(
            f"[direct] certificate_file {options.certificate_file} and "
            f"key_file {options.key_file} can't be used: {_reason(error)}"
        ) from None
    if options.client_ca_file:
        try:
            context.load_verify_locations(cafile=options.client_ca_file)
        except (OSError, ValueError) as error:
            raise TlsError(
                f"[direct] client_ca_file {options.client_ca_file} can't be "
                f"used: {_reason(error)}"
            ) from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _check_readable(option: str, file: str | None) -> None:
    if not file:
        return
    try:
        with open(file, "rb"):
            pass
    except OSError as error:
        raise TlsError(
            f"[direct] {option} {file} can't be read: {error.strerror}"
        ) from None


def _no_password() -> str:
    raise ValueError("the key is encrypted; give one without a passphrase")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        said = (error.reason or "").replace("_", " ").lower()
        return said or "not in PEM form"
    return str(error)


class Adapter(cheroot_ssl.Adapter):
    """Makes cheroot's connections speak TLS.

    Cheroot's own shakes hands in the thread that accepts connections, where
    one silent client would hold up all others. This one leaves it to the
    thread that serves the connection.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context

    def bind(self, sock: object) -> object:
        """Return the listening socket, which stays as it is."""
        return sock

    def wrap(self, sock: object) -> tuple[ssl.SSLSocket, dict[str, str]]:
        """Return an accepted socket as one of TLS, not yet shaken hands."""
        try:
            wrapped = self.context.wrap_socket(
                sock, server_side=True, do_handshake_on_connect=False
            )
        except OSError as error:
            raise cheroot_errors.FatalSSLAlert(*error.args) from error
        return wrapped, self.get_environ()

    def get_environ(self) -> dict[str, str]:
        """Return what WSGI has to know of TLS."""
        return {"HTTPS": "on"}

    def makefile(
        self, sock: object, mode: str = "r", size: int = -1
    ) -> object:
        """Return the socket as a file."""
        return makefile.MakeFile(sock, mode, size)
