# SPDX-License-Identifier: Apache-2.0
"""Tests of reading other namespaces, without entering any."""

import ctypes
import errno
import pathlib
import tempfile
import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import device
from steth.agent.inspect import namespace
from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces
from steth.model import host as host_model
from steth.model import interface as interface_model


class NamespacesTestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        for name in ("a", "b", "c"):
            pathlib.Path(directory.name, name).touch()
        self.patch(namespaces, "DIRECTORY", directory.name)
        self.libc = mock.Mock()
        self.libc.setns.return_value = 0
        self.patch(ctypes, "CDLL", return_value=self.libc)
        self.reader = self.patch(
            namespace,
            "read",
            side_effect=lambda name: host_model.Namespace(
                name=name, addresses=(_ADDRESS,)
            ),
        )
        # As in the privileged process itself.
        contexts.namespace.set_client_mode(False)
        self.addCleanup(contexts.namespace.set_client_mode, True)

    def patch(self, module: Any, name: str, *new: Any, **values: Any) -> Any:
        patched = mock.patch.object(module, name, *new, **values)
        self.addCleanup(patched.stop)
        return patched.start()

    def test_each_is_entered_and_read(self) -> None:
        found = namespaces.read(("a", "b"))
        self.assertEqual(["a", "b"], [one["name"] for one in found])
        self.assertEqual(2, self.libc.setns.call_count)
        self.assertEqual(0x40000000, self.libc.setns.call_args.args[1])

    def test_one_that_cannot_be_entered(self) -> None:
        self.libc.setns.side_effect = [-1, 0]
        self.patch(ctypes, "get_errno", return_value=22)
        first, second = namespaces.read(("a", "b"))
        self.assertIn("Invalid argument", first["error"])
        self.assertIsNone(second["error"])
        self.reader.assert_called_once_with("b")

    def test_one_that_is_gone(self) -> None:
        first, second = namespaces.read(("gone", "b"))
        self.assertIn("No such file", first["error"])
        self.assertIsNone(second["error"])

    def test_a_link_to_elsewhere_is_not_followed(self) -> None:
        pathlib.Path(namespaces.DIRECTORY, "link").symlink_to("a")
        (found,) = namespaces.read(("link",))
        self.assertIsNotNone(found["error"])
        self.libc.setns.assert_not_called()

    def test_bounds(self) -> None:
        for name in ("_MAX_ENTRIES", "_MAX_SECONDS"):
            with (
                self.subTest(bound=name),
                mock.patch.object(
                    namespaces, name, 1 if name == "_MAX_ENTRIES" else -1.0
                ),
            ):
                found = namespaces.read(("a", "b", "c"))
                self.assertIsNotNone(found[2]["error"])
                self.assertEqual("c", found[2]["name"])

    def test_an_interface(self) -> None:
        reader = self.patch(device, "read", autospec=True)
        reader.return_value = interface_model.Interface(name="eth0", index=2)
        found = namespaces.read_interface("a", "eth0")
        self.assertEqual(("eth0", 2), (found["name"], found["index"]))
        reader.assert_called_once_with("eth0", namespaces.DIRECTORY)
        self.libc.setns.assert_called_once()

    def test_an_interface_that_is_gone(self) -> None:
        reader = self.patch(device, "read", autospec=True)
        reader.side_effect = OSError(errno.ENODEV, "No such device")
        with self.assertRaises(OSError) as caught:
            namespaces.read_interface("a", "eth0")
        self.assertEqual(errno.ENODEV, caught.exception.errno)

    def test_what_is_not_an_interface(self) -> None:
        for name, interface in (
            ("../a", "eth0"),
            ("a", "a/b"),
            ("a", "x" * 16),
            ("a", ""),
            ("a", 7),
            ("a", "eth0\0"),
        ):
            with (
                self.subTest(name=name, interface=interface),
                self.assertRaises(ValueError),
            ):
                namespaces.read_interface(name, interface)
        self.libc.setns.assert_not_called()

    def test_something_is_done_inside(self) -> None:
        here = threading.get_ident()
        self.assertNotEqual(here, namespaces.inside("a", threading.get_ident))
        self.libc.setns.assert_called_once()

    def test_inside_one_that_is_gone(self) -> None:
        done = mock.Mock()
        with self.assertRaisesRegex(
            OSError, "cannot enter network namespace gone: No such file"
        ) as caught:
            namespaces.inside("gone", done)
        self.assertEqual(errno.ENXIO, caught.exception.errno)
        done.assert_not_called()

    def test_inside_what_is_not_a_name(self) -> None:
        with self.assertRaises(ValueError):
            namespaces.inside("../a", mock.Mock())

    def test_what_is_not_a_name(self) -> None:
        for names in (
            "abc",
            None,
            ("../../proc/1/ns/net",),
            ("a/b",),
            (".",),
            ("..",),
            ("",),
            ("a\0b",),
            ("a b",),
            ("x" * 256,),
            (7,),
            ("a",) * 65,
        ):
            with self.subTest(names=names), self.assertRaises(ValueError):
                namespaces.read(names)
        self.libc.setns.assert_not_called()


_ADDRESS = host_model.Address(
    address="10.0.0.1", prefix_length=24, family=4, device="eth0"
)
