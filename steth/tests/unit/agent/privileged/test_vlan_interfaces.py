# SPDX-License-Identifier: Apache-2.0
"""Tests of the changes to the host, without a kernel that makes them."""

from collections.abc import Iterator
import errno
import pathlib
import socket
import struct
import tempfile
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.agent.privileged import contexts
from steth.agent.privileged import vlan_interfaces
from steth.tests.unit.agent.inspect import messages

_TASK = "0123456789abcdef" * 2
_NAME = "steth01234567"
_INDEXES = {"eth0": 2, _NAME: 9}


def _link(index: int, name: str, alias: str = "", kind: str = "vlan") -> bytes:
    info = messages.attributes({1: kind.encode() + b"\0"})
    more = {18: info}
    if alias:
        more[20] = alias.encode() + b"\0"
    return messages.link(index, name, more=more)


class _Kernel:
    """Takes changes, and refuses the one of a number."""

    def __init__(self) -> None:
        self.changes: list[tuple[int, int, bytes, dict[int, bytes]]] = []
        self.links: list[bytes] = []
        self.refuses: int | None = None
        #: Whether links come or go while they are dumped.
        self.interrupted = False

    def __enter__(self) -> "_Kernel":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def change(
        self,
        kind: int,
        flags: int,
        body: bytes,
        attributes: dict[int, bytes] | None = None,
    ) -> None:
        number = len(self.changes)
        self.changes.append((kind, flags, body, attributes or {}))
        if number == self.refuses:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    def dump(self, *asked: object) -> Iterator[bytes]:
        interrupted = self.interrupted
        self.interrupted = False
        for number, one in enumerate(self.links):
            if interrupted and number:
                raise netlink.DumpInterruptedError
            yield one

    def get(self, kind: int, body: bytes, asked: dict[int, bytes]) -> bytes:
        for one in self.links:
            if rtnetlink.attributes(one, rtnetlink.IFINFO.size)[3] == asked[3]:
                return one
        raise OSError(errno.ENODEV, "No such device")

    def removed(self) -> list[int]:
        return [
            rtnetlink.IFINFO.unpack_from(body)[2]
            for kind, _, body, _ in self.changes
            if kind == rtnetlink.RTM_DELLINK
        ]


class _TestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.interface.set_client_mode(False)
        self.addCleanup(contexts.interface.set_client_mode, True)
        self.kernel = _Kernel()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.sysctls = pathlib.Path(directory.name)
        for module, name, new in (
            (netlink, "RouteSocket", lambda: self.kernel),
            (socket, "if_nametoindex", _INDEXES.__getitem__),
            (vlan_interfaces, "_SYSCTLS", self.sysctls),
        ):
            patched = mock.patch.object(module, name, new)
            patched.start()
            self.addCleanup(patched.stop)


class CreateTestCase(_TestCase):
    def create(self, cidr: str | None = None) -> str:
        return str(vlan_interfaces.create("eth0", 100, cidr, _TASK))

    def test_what_is_made(self) -> None:
        self.assertEqual(_NAME, self.create("192.0.2.1/24"))
        made, marked, quiet, addressed, up = self.kernel.changes
        kind, flags, _, attributes = made
        self.assertEqual(
            (16, 0x600, f"{_NAME}\0".encode(), struct.pack("=I", 2)),
            (kind, flags, attributes[3], attributes[5]),
        )
        info = rtnetlink.attributes(attributes[18])
        self.assertEqual(b"vlan\0", info[1])
        self.assertEqual(
            {1: struct.pack("=H", 100)}, rtnetlink.attributes(info[2])
        )
        self.assertEqual({20: f"steth task {_TASK}".encode()}, marked[3])
        families = rtnetlink.attributes(quiet[3][26])
        self.assertEqual(
            {8: b"\1"}, rtnetlink.attributes(families[socket.AF_INET6])
        )
        kind, _, body, attributes = addressed
        self.assertEqual(
            (20, (socket.AF_INET, 24, 0, 0, 9)),
            (kind, rtnetlink.IFADDR.unpack(body)),
        )
        own = bytes((192, 0, 2, 1))
        self.assertEqual(
            {2: own, 1: own, 4: bytes((192, 0, 2, 255))}, attributes
        )
        self.assertEqual((0, 0, 9, 1, 1), rtnetlink.IFINFO.unpack(up[2]))
        self.assertEqual([], self.kernel.removed())

    def test_of_ipv6(self) -> None:
        self.create("2001:db8::1/64")
        _, _, body, attributes = self.kernel.changes[3]
        self.assertEqual(
            (socket.AF_INET6, 64), rtnetlink.IFADDR.unpack(body)[:2]
        )
        self.assertEqual({1, 2}, set(attributes))

    def test_routers_are_not_believed(self) -> None:
        (self.sysctls / _NAME).mkdir()
        self.create()
        self.assertEqual("0", (self.sysctls / _NAME / "accept_ra").read_text())

    def test_nothing_is_left_of_what_fails(self) -> None:
        for refused, removed in ((0, []), (1, [9]), (3, [9]), (4, [9])):
            with self.subTest(refused=refused):
                self.kernel.changes.clear()
                self.kernel.refuses = refused
                with self.assertRaises(OSError):
                    self.create("192.0.2.1/24")
                self.assertEqual(removed, self.kernel.removed())

    def test_without_ipv6(self) -> None:
        self.kernel.refuses = 2
        self.assertEqual(_NAME, self.create())

    def test_what_it_does_not_take(self) -> None:
        bad: tuple[tuple[Any, ...], ...] = (
            (7, 100, None, _TASK),
            ("eth0", 0, None, _TASK),
            ("eth0", 4095, None, _TASK),
            ("eth0", "100", None, _TASK),
            ("eth0", 100, "x", _TASK),
            ("eth0", 100, None, "x"),
            ("eth0", 100, None, None),
        )
        for arguments in bad:
            with self.subTest(arguments=arguments):
                with self.assertRaises(ValueError):
                    vlan_interfaces.create(*arguments)
                self.assertEqual([], self.kernel.changes)


class RemoveTestCase(_TestCase):
    def setUp(self) -> None:
        super().setUp()
        other = _TASK[::-1]
        self.kernel.links = [
            _link(2, "eth0", kind="veth"),
            _link(9, _NAME, f"steth task {_TASK}"),
            _link(10, "stethfedcba98", f"steth task {other}"),
            # None of these is ours.
            _link(11, "eth0.7"),
            _link(12, "eth0.8", f"steth task {_TASK}"),
            _link(13, "steth00000000"),
            _link(14, "steth00000001", "steth task x"),
            _link(15, "steth00000002", f"a steth task {_TASK}"),
            _link(16, "steth00000003", f"steth task {_TASK}", "veth"),
        ]

    def test_of_one_task(self) -> None:
        vlan_interfaces.remove(_TASK)
        self.assertEqual([9], self.kernel.removed())

    def test_one_that_is_gone(self) -> None:
        vlan_interfaces.remove("f" * 32)
        self.assertEqual([], self.kernel.changes)

    def test_one_of_its_name_that_is_not_ours(self) -> None:
        vlan_interfaces.remove("0" * 32)
        self.assertEqual([], self.kernel.changes)

    def test_one_that_goes_meanwhile(self) -> None:
        self.kernel.links.clear()
        vlan_interfaces.remove(_TASK)
        self.assertEqual([], self.kernel.changes)

    def test_of_no_task(self) -> None:
        for task in ("", ".*", None):
            with self.assertRaises(ValueError):
                vlan_interfaces.remove(task)
        self.assertEqual([], self.kernel.changes)

    def test_leftovers(self) -> None:
        both = [_NAME, "stethfedcba98"]
        self.kernel.interrupted = True
        self.assertEqual(both, vlan_interfaces.leftovers())
        self.assertEqual([], self.kernel.changes)
        self.assertEqual(both, vlan_interfaces.remove_all())
        self.assertEqual([9, 10], self.kernel.removed())
