# SPDX-License-Identifier: Apache-2.0
"""Tests of reading the named namespaces."""

import errno
import pathlib
import tempfile
from typing import Any
import unittest
from unittest import mock

import msgspec
from oslo_privsep import daemon

from steth.agent.inspect import named
from steth.agent.privileged import namespaces
from steth.model import host as host_model
from steth.model import interface as interface_model
from steth.rpc import errors


class NamedTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        patched = mock.patch.object(namespaces, "read", self.read)
        patched.start()
        self.addCleanup(patched.stop)
        self.calls: list[list[str]] = []
        self.failure: Exception | None = None

    def read(self, names: list[str]) -> list[Any]:
        self.calls.append(names)
        if self.failure:
            raise self.failure
        return [
            msgspec.to_builtins(
                host_model.Namespace(name=name, sysctls={"a": "1"})
            )
            for name in names
        ]

    def read_all(self, *names: str) -> list[host_model.Namespace]:
        for name in names:
            (self.directory / name).touch()
        return named.read_all(str(self.directory))

    def test_without_any(self) -> None:
        self.assertEqual([], self.read_all())
        self.assertEqual([], named.read_all(str(self.directory / "none")))
        self.assertEqual([], self.calls)

    def test_a_directory_that_cannot_be_listed(self) -> None:
        file = self.directory / "file"
        file.touch()
        with self.assertLogs(named.LOG):
            self.assertEqual([], named.read_all(str(file)))

    def test_all(self) -> None:
        found = self.read_all("qdhcp-2", "qdhcp-1")
        self.assertEqual(["qdhcp-1", "qdhcp-2"], [one.name for one in found])
        self.assertEqual({"a": "1"}, found[0].sysctls)

    def test_many_are_read_in_batches(self) -> None:
        found = self.read_all(*(f"qdhcp-{n}" for n in range(150)))
        self.assertEqual(150, len(found))
        self.assertEqual([64, 64, 22], [len(one) for one in self.calls])
        self.assertFalse([one for one in found if one.error])

    def test_names_that_are_left_out(self) -> None:
        with mock.patch.object(named, "_MAX_NAMES", 2):
            found = self.read_all("a", "b", "c", "an odd one")
        self.assertEqual(
            {"a": False, "b": False, "c": True, "an odd one": True},
            {one.name: one.error is not None for one in found},
        )
        self.assertEqual([["a", "b"]], self.calls)

    def test_without_the_privilege(self) -> None:
        for failure in (
            FileNotFoundError(2, "No such file", "sudo"),
            OSError("Premature eof"),
            daemon.FailedToDropPrivileges("exited non-zero"),
        ):
            self.failure = failure
            with self.assertLogs(named.LOG):
                (found,) = self.read_all("a")
            self.assertIn(str(failure), found.error or "")
            self.assertIn(
                "[steth_namespace] helper_command", found.error or ""
            )

    def read_interface(self, failure: Exception | None = None) -> Any:
        with (
            mock.patch.object(named, "check", autospec=True) as check,
            mock.patch.object(
                namespaces,
                "read_interface",
                autospec=True,
                side_effect=failure,
                return_value={"name": "eth0", "index": 2, "kind": "veth"},
            ),
        ):
            found = named.read_interface("blue", "eth0")
        check.assert_called_once_with("blue")
        return found

    def test_an_interface(self) -> None:
        self.assertEqual(
            interface_model.Interface(name="eth0", index=2, kind="veth"),
            self.read_interface(),
        )

    def test_an_interface_without_the_privilege(self) -> None:
        with self.assertRaisesRegex(
            errors.OperationError, "may not enter.*: eof; .*helper_command"
        ):
            self.read_interface(OSError("eof"))

    def test_an_interface_that_is_not_there(self) -> None:
        for number in (errno.ENODEV, errno.ENXIO):
            with self.assertRaises(OSError) as caught:
                self.read_interface(OSError(number, "gone"))
            self.assertEqual(number, caught.exception.errno)

    def test_check(self) -> None:
        for name in ("qrouter-1", "qdhcp-2"):
            (self.directory / name).touch()
        named.check("qrouter-1", str(self.directory))
        with self.assertRaises(errors.OperationError) as caught:
            named.check("qruoter-1", str(self.directory))
        self.assertEqual("netns", caught.exception.argument)
        self.assertEqual(
            "netns: this host has no network namespace 'qruoter-1'; did you "
            "mean 'qrouter-1'?; there are: qdhcp-2, qrouter-1",
            caught.exception.message,
        )

    def test_check_without_any(self) -> None:
        with self.assertRaisesRegex(errors.OperationError, "are: none"):
            named.check("a", str(self.directory / "none"))
