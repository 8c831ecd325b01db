# SPDX-License-Identifier: Apache-2.0
"""Tests of reading a namespace, with a kernel that answers from a script."""

from collections.abc import Iterator
import socket
import types
from typing import Self
import unittest
from unittest import mock

from steth.agent.inspect import ethtool
from steth.agent.inspect import namespace
from steth.agent.inspect import netlink
from steth.agent.inspect import rtnetlink
from steth.model import interface
from steth.tests.unit.agent.inspect import messages


class _Kernel:
    """Answers dumps from lists; counts how much was taken."""

    def __init__(self) -> None:
        self.links = [messages.link(2, "eth0"), messages.link(3, "eth1")]
        self.addresses = [messages.address(2, "10.0.0.1", 24)]
        self.neighbours = [
            messages.neighbour(2, "10.0.0.2", 2),
            messages.neighbour(2, "10.0.0.255", 0x40),
        ]
        self.main = {
            socket.AF_INET: [messages.route("10.0.0.0/24")],
            socket.AF_INET6: [messages.route("fd00::/64")],
        }
        self.others: list[bytes] = []
        self.interruptions = 0
        self.taken = 0

    def socket(self) -> "_Socket":
        return _Socket(self)


class _Socket:
    def __init__(self, kernel: _Kernel) -> None:
        self._kernel = kernel

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        pass

    def dump(
        self,
        kind: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None = None,
    ) -> Iterator[bytes]:
        kernel = self._kernel
        if kind == rtnetlink.RTM_GETLINK:
            found = kernel.links
        elif kind == rtnetlink.RTM_GETADDR:
            found = kernel.addresses
        elif kind == rtnetlink.RTM_GETNEIGH:
            found = kernel.neighbours
        elif body[4]:
            found = kernel.main[socket.AddressFamily(body[0])]
        else:
            found = [*kernel.others, *kernel.main[socket.AF_INET]]
        for one in found:
            kernel.taken += 1
            yield one
        if kernel.interruptions:
            kernel.interruptions -= 1
            raise netlink.DumpInterruptedError


class NamespaceTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.kernel = _Kernel()
        for name, value in (
            ("netlink.RouteSocket", self.kernel.socket),
            ("sysctls.read", dict),
        ):
            patched = mock.patch(f"steth.agent.inspect.{name}", value)
            patched.start()
            self.addCleanup(patched.stop)
        sockets = mock.patch.object(ethtool, "Socket", autospec=True)
        self.drivers = sockets.start().return_value
        self.addCleanup(sockets.stop)
        self.drivers.__enter__.return_value = self.drivers
        self.drivers.settings.return_value = None

    def test_speed_and_duplex(self) -> None:
        self.drivers.settings.side_effect = [
            interface.LinkSettings(speed=25000, duplex="full"),
            None,
        ]
        found = namespace.read("blue")
        self.assertEqual(
            [(25000, "full"), (None, None)],
            [(one.speed, one.duplex) for one in found.links],
        )
        self.drivers.settings.assert_has_calls(
            [mock.call("eth0"), mock.call("eth1")]
        )

    def test_all_is_there(self) -> None:
        found = namespace.read("blue")
        self.assertEqual("blue", found.name)
        self.assertEqual(["eth0", "eth1"], [one.name for one in found.links])
        self.assertEqual(
            ["10.0.0.1"], [one.address for one in found.addresses]
        )
        self.assertEqual(
            ["10.0.0.0/24", "fd00::/64"],
            [one.destination for one in found.routes],
        )
        # That no address has to be resolved for is not worth telling.
        self.assertEqual(
            ["10.0.0.2"], [one.address for one in found.neighbours]
        )
        self.assertEqual((), found.truncated)

    def test_the_main_table_comes_before_the_others(self) -> None:
        self.kernel.others = [
            messages.route("127.0.0.0/8", table=255, kind=2),
            messages.route("10.9.0.0/16", table=100),
        ]
        found = namespace.read("")
        self.assertEqual([254, 254, 100], [one.table for one in found.routes])

    def test_a_bound_is_kept_and_told(self) -> None:
        self.kernel.links = [
            messages.link(n, f"tap{n}") for n in range(1, 100)
        ]
        self.kernel.others = [messages.route("10.9.0.0/16", table=100)] * 1000
        with mock.patch.multiple(namespace, MAX_LINKS=10, MAX_ROUTES=20):
            found = namespace.read("")
        self.assertEqual(("links", "routes"), found.truncated)
        self.assertEqual((10, 20), (len(found.links), len(found.routes)))
        self.assertIn("fd00::/64", [one.destination for one in found.routes])
        # The rest was not even read.
        self.assertLess(self.kernel.taken, 50)

    def test_exactly_as_many_as_the_bound(self) -> None:
        with mock.patch.object(namespace, "MAX_LINKS", 2):
            self.assertEqual((), namespace.read("").truncated)

    def test_tables_that_are_passed_over_are_bounded(self) -> None:
        local = messages.route("127.0.0.0/8", table=255, kind=2)
        self.kernel.others = [local] * 1000
        with mock.patch.object(namespace, "_MAX_ROUTES_SEEN", 30):
            found = namespace.read("")
        self.assertEqual(("routes",), found.truncated)
        self.assertEqual(2, len(found.routes))

    def test_an_interrupted_dump_is_read_again(self) -> None:
        self.kernel.interruptions = 2
        found = namespace.read("")
        self.assertEqual(2, len(found.links))

    def test_one_that_never_rests_is_taken_as_it_is(self) -> None:
        self.kernel.interruptions = 1000
        found = namespace.read("")
        self.assertEqual((2, 1), (len(found.links), len(found.addresses)))
