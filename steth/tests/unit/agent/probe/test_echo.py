# SPDX-License-Identifier: Apache-2.0
"""Tests of the form of a probe's packets."""

import unittest

from steth.agent.probe import echo
from steth.tests.unit.agent.probe import packets

_OURS = (packets.IDENTIFIER, packets.RUN)


class TemplateTestCase(unittest.TestCase):
    def test_the_checksum_is_right(self) -> None:
        for index, number, sequence in (
            (0, 0, 0),
            (4095, 999, 0xFFFF),
            (1, 1, 0x8000),
            (0xFFF, 0x3FF, 0xFFFE),
        ):
            with self.subTest(index=index, number=number):
                packet = packets.request(index, number, sequence=sequence)
                self.assertEqual(0, packets.checksum(packet))

    def test_the_checksum_carries(self) -> None:
        # Those around which the sum runs over, once and twice.
        plain = packets.request()
        room = packets.checksum(plain[:2] + bytes(2) + plain[4:])
        for sequence in range(room - 5, room + 6):
            packet = packets.request(sequence=sequence)
            self.assertEqual(0, packets.checksum(packet), sequence)

    def test_size_is_of_the_whole_packet(self) -> None:
        for version, header in ((4, 20), (6, 40)):
            for size in (64, 65, 1500, 65535):
                packet = packets.request(size=size, version=version)
                self.assertEqual(size, header + len(packet))

    def test_what_is_written_is_read_again(self) -> None:
        for version in (4, 6):
            data = packets.reply(packets.request(17, 5, version=version))
            self.assertEqual(
                (17, 5), echo.reply_mark(memoryview(data), 0, *_OURS)
            )


class ReplyMarkTestCase(unittest.TestCase):
    def assert_not_ours(self, data: bytes) -> None:
        self.assertIsNone(echo.reply_mark(memoryview(data), 0, *_OURS))

    def test_not_ours(self) -> None:
        self.assert_not_ours(packets.request())
        self.assert_not_ours(packets.reply(packets.request(identifier=1)))
        self.assert_not_ours(packets.reply(packets.request(run=1)))
        ours = packets.reply(packets.request())
        self.assert_not_ours(ours[:23])
        self.assert_not_ours(ours[:8] + b"X" + ours[9:])
        self.assert_not_ours(ours[:1] + b"\1" + ours[2:])
        self.assert_not_ours(b"")


class QuotedTestCase(unittest.TestCase):
    def quoted_v4(self, data: bytes) -> echo.Quoted | None:
        return echo.quoted_v4(memoryview(data), 0, *_OURS)

    def quoted_v6(self, data: bytes) -> echo.Quoted | None:
        return echo.quoted_v6(memoryview(data), 0, *_OURS)

    def test_an_error_of_ipv4(self) -> None:
        packet = packets.ipv4(
            "10.0.0.1", "10.0.0.2", packets.request(9, 2, sequence=77)
        )
        said = self.quoted_v4(packets.error(3, 13, packet))
        self.assertEqual(
            echo.Quoted(3, 13, 0, bytes([10, 0, 0, 2]), 77, (9, 2)), said
        )

    def test_the_mtu_of_ipv4(self) -> None:
        packet = packets.ipv4("10.0.0.1", "10.0.0.2", packets.request())
        said = self.quoted_v4(packets.error(3, 4, packet, rest=1400))
        assert said is not None
        self.assertEqual(1400, said.mtu)
        # The same field has another meaning elsewhere.
        said = self.quoted_v4(packets.error(12, 0, packet, rest=1400))
        assert said is not None
        self.assertEqual(0, said.mtu)

    def test_as_little_as_a_router_has_to_quote(self) -> None:
        packet = packets.ipv4(
            "10.0.0.1", "10.0.0.2", packets.request(9, sequence=77)
        )
        said = self.quoted_v4(packets.error(11, 0, packet[:28]))
        assert said is not None
        self.assertEqual((77, None), (said.sequence, said.mark))

    def test_behind_options(self) -> None:
        packet = packets.ipv4(
            "10.0.0.1", "10.0.0.2", packets.request(9, 2), options=bytes(8)
        )
        said = self.quoted_v4(packets.error(3, 1, packet))
        assert said is not None
        self.assertEqual((9, 2), said.mark)

    def test_not_about_ours(self) -> None:
        ours = packets.request()
        for packet in (
            packets.ipv4("10.0.0.1", "10.0.0.2", ours, protocol=17),
            packets.ipv4("10.0.0.1", "10.0.0.2", ours, fragment=100),
            packets.ipv4("10.0.0.1", "10.0.0.2", packets.reply(ours)),
            packets.ipv4(
                "10.0.0.1", "10.0.0.2", packets.request(identifier=1)
            ),
            packets.ipv4("10.0.0.1", "10.0.0.2", packets.request(run=1)),
            packets.ipv4("10.0.0.1", "10.0.0.2", ours)[:27],
            b"",
        ):
            self.assertIsNone(self.quoted_v4(packets.error(3, 1, packet)))

    def test_an_error_of_ipv6(self) -> None:
        packet = packets.ipv6(
            "fd00::1", "fd00::2", packets.request(9, 2, version=6, sequence=5)
        )
        said = self.quoted_v6(packets.error(2, 0, packet, rest=70000))
        assert said is not None
        self.assertEqual(
            (70000, 5, (9, 2)), (said.mtu, said.sequence, said.mark)
        )
        self.assertEqual(packet[24:40], said.destination)

    def test_a_fragment_of_ipv6(self) -> None:
        packet = packets.ipv6(
            "fd00::1",
            "fd00::2",
            packets.fragment_header() + packets.request(9, 2, version=6),
            following=44,
        )
        said = self.quoted_v6(packets.error(1, 1, packet))
        assert said is not None
        self.assertEqual((9, 2), said.mark)

    def test_not_about_ours_of_ipv6(self) -> None:
        ours = packets.request(version=6)
        for packet in (
            packets.ipv6("fd00::1", "fd00::2", ours, following=17),
            packets.ipv6("fd00::1", "fd00::2", packets.reply(ours)),
            packets.ipv6("fd00::1", "fd00::2", ours)[:45],
            b"",
        ):
            self.assertIsNone(self.quoted_v6(packets.error(1, 0, packet)))
