# SPDX-License-Identifier: Apache-2.0
"""HTTP basic authentication against a file that ``htpasswd -B`` writes.

RFC 7617; the file is Apache's, with bcrypt as its only kind of password, as
oslo.middleware reads it.
"""

import base64
import binascii
from collections.abc import Iterable
import hashlib
import hmac
import http
import os
import re
import secrets
import threading

import bcrypt
from oslo_log import log

from steth.agent.direct import app

LOG = log.getLogger(__name__)

_BCRYPT = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
#: bcrypt looks at no more bytes of a password than these.
_LONGEST = 72
#: A check takes a twentieth of a second and more of one core, on purpose.
#: One at a time, and nobody waits longer than this many seconds for his own.
_PATIENCE = 3.0
_REMEMBERED = 128


class PasswordFileError(ValueError):
    """The password file can't be used; says why."""


def read(file: str) -> dict[str, bytes]:
    """Return the bcrypt hashes of a password file by user name.

    :raises PasswordFileError: naming the file and the line
    """
    try:
        with open(file, encoding="utf-8") as lines:
            return _parse(file, lines)
    except OSError as error:
        raise PasswordFileError(
            f"[direct] htpasswd_file {file} can't be read: {error.strerror}"
        ) from None
    except UnicodeDecodeError:
        raise PasswordFileError(
            f"[direct] htpasswd_file {file} is not a text file"
        ) from None


def _parse(file: str, lines: Iterable[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        name, _, crypted = entry.partition(":")
        if not name or not _BCRYPT.fullmatch(crypted):
            raise PasswordFileError(
                f"[direct] htpasswd_file {file}, line {number}: not a user "
                "with a bcrypt password; write it with 'htpasswd -B'"
            )
        found[name] = crypted.encode()
    if not found:
        raise PasswordFileError(
            f"[direct] htpasswd_file {file} names no user; add one with "
            "'htpasswd -B'"
        )
    return found


class Passwords:
    """Who may call, kept in step with the file.

    While the file can't be used nobody may.

    :raises PasswordFileError: if it can't be used from the first
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._users = read(file)
        self._seen = self._stamp()
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        # What was right once is right again while the hash is the same. Kept
        # as a digest with a key that dies with this process.
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, bytes] = {}

    def accept(self, name: str, password: bytes) -> bool:
        """Tell whether that is the password of that user.

        :raises TimeoutError: if too many others are being checked
        """
        users = self._current()
        # An unknown name takes as long as a wrong password.
        crypted = users.get(name) or next(iter(users.values()), b"")
        if not crypted or len(password) > _LONGEST:
            return False
        digest = hmac.digest(
            self._key, name.encode() + b":" + password, hashlib.sha256
        )
        if name in users and self._right.get(digest) == crypted:
            return True
        if not self._checking.acquire(timeout=_PATIENCE):
            raise TimeoutError
        try:
            right = bcrypt.checkpw(password, crypted) and name in users
        finally:
            self._checking.release()
        if right:
            self._remember(digest, crypted)
        return right

    def _remember(self, digest: bytes, crypted: bytes) -> None:
        with self._lock:
            if len(self._right) >= _REMEMBERED:
                self._right.clear()
            self._right[digest] = crypted

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._file)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _current(self) -> dict[str, bytes]:
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._reread()
            return self._users

    def _reread(self) -> None:
        problem = None
        try:
            self._users = read(self._file)
        except PasswordFileError as error:
            self._users = {}
            problem = str(error)
        # Not above: oslo.log adds the error that is being handled.
        if problem is None:
            LOG.info("Read %s anew", self._file)
        else:
            LOG.error("Nobody may call until it is mended: %s", problem)


class BasicAuthentication:
    """Lets through who gives a right name and password."""

    def __init__(
        self, application: app.Application, passwords: Passwords
    ) -> None:
        self._application = application
        self._passwords = passwords

    def __call__(
        self, environ: app.Environ, start_response: app.StartResponse
    ) -> Iterable[bytes]:
        header = environ.pop("HTTP_AUTHORIZATION", None)
        try:
            refused = self._refusal(header)
        except TimeoutError:
            return app.answer(
                start_response,
                http.HTTPStatus.SERVICE_UNAVAILABLE,
                app.refusal("too many passwords to check; try again later"),
                ("Connection", "close"),
            )
        if refused is None:
            return self._application(environ, start_response)
        LOG.warning("%s: refused: %s", app.peer(environ), refused)
        return app.answer(
            start_response,
            http.HTTPStatus.UNAUTHORIZED,
            app.refusal(refused),
            ("WWW-Authenticate", 'Basic realm="steth", charset="UTF-8"'),
            ("Connection", "close"),
        )

    def _refusal(self, header: str | None) -> str | None:
        """Return why a caller is refused, ``None`` if not."""
        if header is None:
            return "this agent asks for a user name and password"
        kind, _, token = header.strip().partition(" ")
        try:
            if kind.lower() != "basic":
                raise ValueError
            pair = base64.b64decode(token.strip(), validate=True)
            name, colon, password = pair.partition(b":")
            if not colon:
                raise ValueError
            if self._passwords.accept(name.decode(), password):
                return None
        except (ValueError, binascii.Error):
            return "the Authorization header is not of basic authentication"
        return "wrong user name or password"
