# SPDX-License-Identifier: Apache-2.0
"""Tests of ``inspect.interface``."""

import errno
import types
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import bonds
from steth.agent.inspect import device
from steth.agent.inspect import interface
from steth.agent.inspect import named
from steth.agent.privileged import namespaces
from steth.model import interface as interface_model
from steth.model import node
from steth.rpc import errors
from steth.rpc import requests


def _interface(kind: str | None = None) -> interface_model.Interface:
    return interface_model.Interface(name="bond0", index=2, kind=kind)


class DescribeTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.own = self.patch(device, "read")
        self.own.return_value = _interface()
        self.named = self.patch(named, "read_interface")
        self.named.return_value = _interface("bond")
        self.bonds = self.patch(bonds, "read")
        self.bonds.return_value = tuple(
            node.Bond(
                name=name,
                mode="802.3ad",
                members=(node.BondMember(name=member, up=True),),
            )
            for name, member in (("bond1", "eth1"), ("bond0", "eth0"))
        )

    def patch(self, module: types.ModuleType, name: str) -> Any:
        patched = mock.patch.object(module, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def describe(self, netns: str | None = None) -> interface_model.Interface:
        return interface.describe(
            requests.InspectInterface(interface="bond0", netns=netns)
        )

    def test_of_the_host(self) -> None:
        self.assertEqual(_interface(), self.describe())
        self.own.assert_called_once_with("bond0", namespaces.DIRECTORY)
        self.named.assert_not_called()
        self.bonds.assert_not_called()

    def test_of_a_namespace(self) -> None:
        self.assertEqual(_interface("bond"), self.describe("blue"))
        self.named.assert_called_once_with("blue", "bond0")
        self.own.assert_not_called()
        # They would be those of the host.
        self.bonds.assert_not_called()

    def test_bond(self) -> None:
        self.own.return_value = _interface("bond")
        self.assertEqual(
            (node.BondMember(name="eth0", up=True),), self.describe().members
        )
        self.bonds.return_value = ()
        self.assertEqual((), self.describe().members)

    def test_there_is_none(self) -> None:
        failure = OSError(errno.ENODEV, "No such device")
        self.own.side_effect = self.named.side_effect = failure
        for netns in (None, "blue"):
            with self.assertRaises(errors.OperationError) as caught:
                self.describe(netns)
            self.assertEqual(
                (errors.ErrorCode.BAD_ARGUMENT, "interface"),
                (caught.exception.code, caught.exception.argument),
            )
            self.assertIn("'bond0'", caught.exception.message)

    def test_it_cannot_be_read(self) -> None:
        for failure, said in (
            (
                OSError(errno.ENXIO, "cannot enter blue"),
                "0: cannot enter blue",
            ),
            (TimeoutError("timed out"), "bond0: timed out"),
        ):
            self.own.side_effect = failure
            with self.assertRaisesRegex(errors.OperationError, said) as caught:
                self.describe()
            self.assertEqual(errors.ErrorCode.FAILED, caught.exception.code)
