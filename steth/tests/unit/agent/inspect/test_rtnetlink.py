# SPDX-License-Identifier: Apache-2.0
"""Tests of the form of rtnetlink messages."""

import struct
import unittest

from steth.agent.inspect import rtnetlink
from steth.tests.unit.agent.inspect import messages


class MessagesTestCase(unittest.TestCase):
    def test_a_request_is_read_again(self) -> None:
        first = rtnetlink.request(18, 0x300, 7, b"body", {1: b"abc"})
        second = rtnetlink.request(22, 0, 8, b"rest")
        self.assertEqual(
            [
                (18, 0x301, 7, b"body" + b"\x07\0\x01\0abc\0"),
                (22, 0x001, 8, b"rest"),
            ],
            list(rtnetlink.messages(first + second)),
        )

    def test_what_is_cut_off_or_absurd(self) -> None:
        whole = rtnetlink.request(18, 0, 7, b"body")
        for data in (
            b"",
            whole[:10],
            whole[:-1],
            struct.pack("=IHHII", 0, 18, 0, 7, 0),
            struct.pack("=IHHII", 1 << 31, 18, 0, 7, 0),
        ):
            self.assertEqual([], list(rtnetlink.messages(data)))

    def test_error_number(self) -> None:
        self.assertEqual(2, rtnetlink.error_number(struct.pack("=i", -2)))
        self.assertEqual(0, rtnetlink.error_number(struct.pack("=i", 0)))
        self.assertEqual(0, rtnetlink.error_number(b""))


class AttributesTestCase(unittest.TestCase):
    def test_attributes(self) -> None:
        data = b"header--" + messages.attributes({1: b"a", 2: b"", 3: b"abcd"})
        self.assertEqual(
            {1: b"a", 2: b"", 3: b"abcd"}, rtnetlink.attributes(data, 8)
        )

    def test_the_mark_of_nested_ones_is_taken_off(self) -> None:
        data = messages.attributes({0x8000 | 18: b"abcd"})
        self.assertEqual({18: b"abcd"}, rtnetlink.attributes(data))

    def test_absurd_lengths(self) -> None:
        whole = messages.attributes({1: b"abcd"})
        for rest in (b"\0\0\x02\0", b"\xff\0\x02\0abc", b"\x08"):
            self.assertEqual({1: b"abcd"}, rtnetlink.attributes(whole + rest))

    def test_values(self) -> None:
        self.assertEqual("eth0", rtnetlink.text(b"eth0\0"))
        for size, form in ((1, "=B"), (2, "=H"), (4, "=I"), (8, "=Q")):
            self.assertEqual(
                200, rtnetlink.number(struct.pack(form, 200)), size
            )
        self.assertEqual(0, rtnetlink.number(b""))
        self.assertEqual("10.0.0.1", rtnetlink.address(b"\x0a\0\0\1"))
        self.assertEqual("::1", rtnetlink.address(bytes(15) + b"\1"))
        self.assertIsNone(rtnetlink.address(b"\x02\0\0\0\0\1"))
