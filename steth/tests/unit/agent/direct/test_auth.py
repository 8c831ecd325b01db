# SPDX-License-Identifier: Apache-2.0

import base64
import os
import pathlib
import tempfile
from typing import Any
import unittest
from unittest import mock

import bcrypt

from steth.agent.direct import auth


def crypt(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


class FileTestCase(unittest.TestCase):
    def setUp(self) -> None:
        where = tempfile.TemporaryDirectory()
        self.addCleanup(where.cleanup)
        self.file = pathlib.Path(where.name) / "htpasswd"
        self.writes = 0

    def write(self, content: str) -> None:
        self.file.write_text(content)
        # Two in the same tick of the file system's clock.
        self.writes += 1
        os.utime(self.file, ns=(self.writes, self.writes))


class ReadTestCase(FileTestCase):
    def refuse(self) -> str:
        with self.assertRaises(auth.PasswordFileError) as caught:
            auth.read(str(self.file))
        return str(caught.exception)

    def test_users(self) -> None:
        one = crypt("x")
        other = crypt("y").replace("$2b$", "$2y$")
        self.write(f"# who\n\nann:{one}\n  bob:{other}  \n")
        self.assertEqual(
            {"ann": one.encode(), "bob": other.encode()},
            auth.read(str(self.file)),
        )

    def test_unusable(self) -> None:
        good = f"ann:{crypt('x')}\n"
        for line in (
            "bob",
            "bob:",
            "bob:plain",
            "bob:$apr1$abc$def",
            "bob:$2y$05$short",
            "bob:" + crypt("x").replace("$04$", "$x4$"),
            "bob:" + crypt("x") + ":more",
            f":{crypt('x')}",
            f"bob:{crypt('x')[:-1]}",
        ):
            with self.subTest(line=line):
                self.write(f"{good}{line}\n")
                said = self.refuse()
                self.assertIn(f"{self.file}, line 2", said)
                self.assertIn("htpasswd -B", said)
                self.assertNotIn("$2", said)
        self.write("# nobody\n")
        self.assertIn("names no user", self.refuse())
        self.file.write_bytes(b"\xff\xfe")
        self.assertIn("not a text file", self.refuse())
        self.file.unlink()
        self.assertIn("No such file", self.refuse())


class PasswordsTestCase(FileTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.write(f"ann:{crypt('right')}\nbob:{crypt('other')}\n")
        self.passwords = auth.Passwords(str(self.file))

    def test_accept(self) -> None:
        for name, password, right in (
            ("ann", b"right", True),
            ("ann", b"wrong", False),
            ("ann", b"", False),
            ("ann", b"other", False),
            ("bob", b"other", True),
            ("eve", b"right", False),
            ("", b"right", False),
            ("ann", b"right" + b"x" * 100, False),
            ("ann", b"\xff\x00", False),
        ):
            with self.subTest(name=name, password=password):
                for _ in range(2):
                    self.assertEqual(
                        right, self.passwords.accept(name, password)
                    )

    def test_right_ones_are_remembered_and_wrong_ones_not(self) -> None:
        with mock.patch("bcrypt.checkpw", wraps=bcrypt.checkpw) as check:
            for _ in range(3):
                self.passwords.accept("ann", b"right")
            self.assertEqual(1, check.call_count)
            for _ in range(3):
                self.passwords.accept("ann", b"wrong")
            self.assertEqual(4, check.call_count)
            # An unknown name costs the same.
            self.passwords.accept("eve", b"right")
            self.assertEqual(5, check.call_count)

    def test_remembered_is_not_the_password(self) -> None:
        self.write(f"ann:{crypt('open sesame')}\n")
        self.assertTrue(self.passwords.accept("ann", b"open sesame"))
        self.assertNotIn("sesame", str(vars(self.passwords)))

    def test_file_changes(self) -> None:
        self.assertTrue(self.passwords.accept("ann", b"right"))
        self.write(f"ann:{crypt('changed')}\n")
        self.assertFalse(self.passwords.accept("ann", b"right"))
        self.assertTrue(self.passwords.accept("ann", b"changed"))
        self.assertFalse(self.passwords.accept("bob", b"other"))

    def test_nobody_while_the_file_is_bad(self) -> None:
        self.assertTrue(self.passwords.accept("ann", b"right"))
        self.write("ann:plain\n")
        with self.assertLogs("steth.agent.direct.auth", "ERROR") as logs:
            for _ in range(3):
                self.assertFalse(self.passwords.accept("ann", b"right"))
        self.assertEqual(1, len(logs.output))
        self.assertIn("line 1", logs.output[0])
        self.file.unlink()
        self.assertFalse(self.passwords.accept("ann", b"right"))
        self.write(f"ann:{crypt('right')}\n")
        self.assertTrue(self.passwords.accept("ann", b"right"))

    def test_patience_ends(self) -> None:
        with (
            mock.patch.object(auth, "_PATIENCE", 0.01),
            self.passwords._checking,
            self.assertRaises(TimeoutError),
        ):
            self.passwords.accept("ann", b"right")


class BasicAuthenticationTestCase(FileTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.write(f"ann:{crypt('ri:ght')}\n")
        self.inner = mock.Mock(return_value=[b"inner"])
        self.passwords = auth.Passwords(str(self.file))
        self.app = auth.BasicAuthentication(self.inner, self.passwords)
        self.answered = mock.Mock()

    def ask(self, header: str | None) -> bytes:
        environ: dict[str, Any] = {
            "REMOTE_ADDR": "192.0.2.7",
            "REMOTE_PORT": "1",
        }
        if header is not None:
            environ["HTTP_AUTHORIZATION"] = header
        return b"".join(self.app(environ, self.answered))

    def token(self, text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def test_lets_through(self) -> None:
        for kind in ("Basic", "basic", "BASIC  "):
            said = self.ask(f"{kind} {self.token('ann:ri:ght')}")
            self.assertEqual(b"inner", said)
        (environ, _) = self.inner.call_args.args
        self.assertNotIn("HTTP_AUTHORIZATION", environ)

    def test_refuses(self) -> None:
        for header in (
            None,
            "",
            "Basic",
            "Basic !!!",
            "Bearer x",
            "Basic " + self.token("ann"),
            "Basic " + self.token("ann:wrong"),
            "Basic " + base64.b64encode(b"\xff:x").decode(),
        ):
            with (
                self.subTest(header=header),
                self.assertLogs("steth.agent.direct.auth", "WARNING") as logs,
            ):
                self.ask(header)
                status, headers = self.answered.call_args.args
                self.assertEqual("401 Unauthorized", status)
                self.assertIn("Basic", dict(headers)["WWW-Authenticate"])
                self.assertIn("192.0.2.7", logs.output[0])
                self.assertNotIn("wrong", logs.output[0].split(": ", 2)[0])
        self.inner.assert_not_called()

    def test_too_many(self) -> None:
        with mock.patch.object(
            self.passwords, "accept", side_effect=TimeoutError, autospec=True
        ):
            self.ask("Basic " + self.token("ann:x"))
        status, _ = self.answered.call_args.args
        self.assertEqual("503 Service Unavailable", status)
