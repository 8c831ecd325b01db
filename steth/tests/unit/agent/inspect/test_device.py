# SPDX-License-Identifier: Apache-2.0
"""Tests of reading all about one device, of a kernel made for it."""

import errno
import os
import pathlib
import struct
import tempfile
import types
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import device
from steth.agent.inspect import ethtool
from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.model import interface
from steth.tests.unit.agent.inspect import messages


def _kind(name: str, data: bytes = b"") -> bytes:
    return messages.attributes({1: name.encode() + b"\0", 2: data})


class DeviceTestCase(unittest.TestCase):
    """``more`` are the attributes of the device eth0.

    ``ids`` are the kernel's numbers for namespaces, by the inode of their
    file, and by the id of a process in them.
    """

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.more: dict[int, bytes] = {}
        self.ids: dict[int, int] = {}
        self.masks: list[int] = []
        self.too_much = False
        sock = self.patch(netlink, "RouteSocket").return_value
        sock.__enter__.return_value = sock
        sock.get.side_effect = self.get
        drivers = self.patch(ethtool, "Socket").return_value
        drivers.__enter__.return_value = drivers
        drivers.all.return_value = interface.Ethtool(coalescing={"a": 1})

    def patch(self, module: types.ModuleType, name: str) -> Any:
        patched = mock.patch.object(module, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def get(
        self, kind: int, body: bytes, attributes: rtnetlink.Attributes
    ) -> bytes:
        if kind == rtnetlink.RTM_GETNSID:
            ((attribute, value),) = attributes.items()
            (number,) = struct.unpack("=I", value)
            if attribute == 3:
                number = os.fstat(number).st_ino
            if number not in self.ids:
                raise OSError(errno.EINVAL, "Invalid argument")
            return bytes(4) + messages.attributes(
                {1: struct.pack("=i", self.ids[number])}
            )
        index = rtnetlink.IFINFO.unpack(body)[2]
        if index:
            if index != 7:
                raise OSError(errno.ENODEV, "No such device")
            return messages.link(7, "eth7")
        (mask,) = struct.unpack("=I", attributes[29])
        self.masks.append(mask)
        if attributes[3] != b"eth0\0":
            raise OSError(errno.ENODEV, "No such device")
        if self.too_much and mask & 1:
            raise OSError(errno.EMSGSIZE, "Message too long")
        return messages.link(2, "eth0", more=self.more)

    def read(self, name: str = "eth0") -> interface.Interface:
        return device.read(name, str(self.directory))

    def test_both_sources(self) -> None:
        self.assertEqual(
            interface.Interface(
                name="eth0",
                index=2,
                ethtool=interface.Ethtool(coalescing={"a": 1}),
            ),
            self.read(),
        )

    def test_there_is_none(self) -> None:
        with self.assertRaises(OSError) as caught:
            self.read("eth1")
        self.assertEqual(errno.ENODEV, caught.exception.errno)

    def test_too_many_virtual_functions(self) -> None:
        self.too_much = True
        self.assertEqual("eth0", self.read().name)
        self.assertEqual([9, 8], self.masks)

    def test_parent(self) -> None:
        self.more = {5: messages.number(7), 18: _kind("vlan")}
        found = self.read()
        self.assertEqual(
            (None, interface.Relative(index=7, name="eth7")),
            (found.peer, found.parent),
        )

    def test_a_parent_that_is_gone(self) -> None:
        self.more = {5: messages.number(8), 18: _kind("vlan")}
        self.assertEqual(interface.Relative(index=8), self.read().parent)

    def test_peer(self) -> None:
        self.more = {5: messages.number(7), 18: _kind("veth")}
        found = self.read()
        self.assertEqual(
            (None, interface.Relative(index=7, name="eth7")),
            (found.parent, found.peer),
        )

    def peer_in(self, number: int) -> str | None:
        self.more = {
            5: messages.number(7),
            18: _kind("veth"),
            37: struct.pack("=i", number),
        }
        peer = self.read().peer
        assert peer is not None
        self.assertEqual((7, None), (peer.index, peer.name))
        return peer.netns

    def test_peer_in_a_named_namespace(self) -> None:
        for name, number in (("qdhcp-1", -1), ("qrouter-2", 3)):
            path = self.directory / name
            path.touch()
            self.ids[path.stat().st_ino] = number
        # As a container leaves it behind.
        (self.directory / "a-stale-one").touch()
        (self.directory / "gone").symlink_to("nowhere")
        self.assertEqual("qrouter-2", self.peer_in(3))
        self.assertIsNone(self.peer_in(4))
        self.assertIsNone(self.peer_in(-1))

    def test_peer_in_the_hosts_own(self) -> None:
        self.ids[os.getpid()] = 0
        self.assertEqual("", self.peer_in(0))

    def test_without_named_namespaces(self) -> None:
        self.directory = self.directory / "none"
        self.assertIsNone(self.peer_in(0))

    def test_devices_that_belong_to_it(self) -> None:
        for index, name in ((7, "eth7"), (8, "if8")):
            data = messages.attributes(
                {1: messages.number(1, 1), 2: messages.number(index)}
            )
            self.more = {18: _kind("bond", data)}
            self.assertEqual(
                {"mode": "active-backup", "active_member": name},
                self.read().details,
            )
