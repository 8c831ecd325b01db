# SPDX-License-Identifier: Apache-2.0
"""Tests of reading addresses."""

import socket
import struct
import unittest

from steth.agent.inspect import addresses
from steth.agent.inspect import rtnetlink
from steth.model import host as host_model
from steth.tests.unit.agent.inspect import messages

_NAMES = {2: "eth0"}
_LOCAL = 2
_CACHEINFO = 6
_FLAGS = 8


class AddressesTestCase(unittest.TestCase):
    def test_an_address(self) -> None:
        self.assertEqual(
            host_model.Address(
                address="10.0.0.1", prefix_length=24, family=4, device="eth0"
            ),
            addresses.decode(messages.address(2, "10.0.0.1", 24), _NAMES),
        )

    def test_the_other_end_is_not_ours(self) -> None:
        body = messages.address(
            2, "10.0.0.2", 32, more={_LOCAL: socket.inet_aton("10.0.0.1")}
        )
        found = addresses.decode(body, _NAMES)
        assert found is not None
        self.assertEqual("10.0.0.1", found.address)

    def test_flags_of_iproute2(self) -> None:
        for text, flags, words in (
            ("10.0.0.1", 0x81, ("secondary",)),
            ("fd00::1", 0x81, ("temporary",)),
            ("fd00::1", 0x00, ("dynamic",)),
            ("fd00::1", 0xC0, ("tentative",)),
            ("fd00::1", 0xC8, ("dadfailed", "tentative")),
            ("fd00::1", 0x380, ("mngtmpaddr", "noprefixroute")),
        ):
            with self.subTest(flags=hex(flags)):
                # The header has room for the first eight only.
                body = messages.address(
                    2,
                    text,
                    64,
                    flags=flags,
                    more={_FLAGS: messages.number(flags)},
                )
                found = addresses.decode(body, _NAMES)
                assert found is not None
                self.assertEqual(words, found.flags)

    def test_lifetimes(self) -> None:
        for preferred, valid, told in (
            (0, 600, (0, 600)),
            (300, 600, (300, 600)),
            (0xFFFFFFFF, 0xFFFFFFFF, (None, None)),
        ):
            body = messages.address(
                2,
                "fd00::1",
                64,
                more={_CACHEINFO: struct.pack("=4I", preferred, valid, 5, 7)},
            )
            found = addresses.decode(body, _NAMES)
            assert found is not None
            self.assertEqual(told, (found.preferred, found.valid))

    def test_scopes(self) -> None:
        for scope, word in (
            (0, "global"),
            (253, "link"),
            (254, "host"),
            (7, "7"),
        ):
            body = messages.address(2, "10.0.0.1", 24, scope=scope)
            found = addresses.decode(body, _NAMES)
            assert found is not None
            self.assertEqual(word, found.scope)

    def test_a_device_that_is_gone(self) -> None:
        found = addresses.decode(messages.address(9, "10.0.0.1", 24), _NAMES)
        assert found is not None
        self.assertEqual("if9", found.device)

    def test_another_family(self) -> None:
        body = rtnetlink.IFADDR.pack(7, 0, 0, 0, 2) + messages.attributes(
            {1: b"\0"}
        )
        self.assertIsNone(addresses.decode(body, _NAMES))
