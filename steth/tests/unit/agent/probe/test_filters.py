# SPDX-License-Identifier: Apache-2.0
"""Tests of the filters, run as the kernel runs them."""

import unittest

from steth.agent.probe import filters
from steth.tests.unit.agent.probe import bpf
from steth.tests.unit.agent.probe import packets

_FROM, _TO = "10.0.0.2", "10.0.0.1"
_FROM6, _TO6 = "fd00::2", "fd00::1"


class _FilterTestCase(unittest.TestCase):
    program: bytes

    def assert_passes(self, packet: bytes) -> None:
        self.assertEqual(filters.SNAP_LENGTH, bpf.run(self.program, packet))

    def assert_dropped(self, packet: bytes) -> None:
        self.assertEqual(0, bpf.run(self.program, packet))


class AnswersV4TestCase(_FilterTestCase):
    program = filters.answers_v4(packets.IDENTIFIER)

    def test_replies(self) -> None:
        for options in (b"", bytes(40)):
            ours = packets.reply(packets.request())
            self.assert_passes(packets.ipv4(_FROM, _TO, ours, options=options))
            other = packets.reply(packets.request(identifier=1))
            self.assert_dropped(
                packets.ipv4(_FROM, _TO, other, options=options)
            )

    def test_errors(self) -> None:
        for outer in (b"", bytes(8)):
            for inner in (b"", bytes(40)):
                with self.subTest(outer=len(outer), inner=len(inner)):
                    for asked, passes in (
                        (packets.request(), True),
                        (packets.request(identifier=1), False),
                        (packets.reply(packets.request()), False),
                    ):
                        quoted = packets.ipv4(_TO, _FROM, asked, options=inner)
                        packet = packets.ipv4(
                            _FROM,
                            _TO,
                            packets.error(3, 1, quoted),
                            options=outer,
                        )
                        if passes:
                            self.assert_passes(packet)
                        else:
                            self.assert_dropped(packet)

    def test_an_error_about_another_protocol(self) -> None:
        quoted = packets.ipv4(_TO, _FROM, packets.request(), protocol=17)
        self.assert_dropped(
            packets.ipv4(_FROM, _TO, packets.error(3, 3, quoted))
        )

    def test_what_is_cut_off(self) -> None:
        whole = packets.ipv4(_FROM, _TO, packets.reply(packets.request()))
        self.assert_dropped(whole[:25])
        self.assert_dropped(b"")


class AnswersV6TestCase(_FilterTestCase):
    program = filters.answers_v6(packets.IDENTIFIER)

    def test_replies(self) -> None:
        self.assert_passes(packets.reply(packets.request(version=6)))
        self.assert_dropped(
            packets.reply(packets.request(version=6, identifier=1))
        )

    def test_errors(self) -> None:
        for identifier, passes in ((packets.IDENTIFIER, True), (1, False)):
            asked = packets.request(version=6, identifier=identifier)
            for quoted in (
                packets.ipv6(_TO6, _FROM6, asked),
                packets.ipv6(
                    _TO6,
                    _FROM6,
                    packets.fragment_header() + asked,
                    following=44,
                ),
            ):
                packet = packets.error(2, 0, quoted, rest=1280)
                if passes:
                    self.assert_passes(packet)
                else:
                    self.assert_dropped(packet)

    def test_an_error_about_another_protocol(self) -> None:
        quoted = packets.ipv6(
            _TO6, _FROM6, packets.request(version=6), following=17
        )
        self.assert_dropped(packets.error(1, 4, quoted))


class WatchedTestCase(_FilterTestCase):
    program = filters.watched(packets.RUN)

    def test_echoes_of_the_run(self) -> None:
        for identifier in (packets.IDENTIFIER, 1):
            asked = packets.request(identifier=identifier)
            for payload in (asked, packets.reply(asked)):
                for options in (b"", bytes(16)):
                    self.assert_passes(
                        packets.ipv4(_FROM, _TO, payload, options=options)
                    )

    def test_echoes_of_the_run_with_ipv6(self) -> None:
        asked = packets.request(version=6)
        for payload in (asked, packets.reply(asked)):
            self.assert_passes(packets.ipv6(_FROM6, _TO6, payload))
            self.assert_passes(
                packets.ipv6(
                    _FROM6,
                    _TO6,
                    packets.fragment_header() + payload,
                    following=44,
                )
            )

    def test_other_echoes(self) -> None:
        other = packets.request(run=1)
        self.assert_dropped(packets.ipv4(_FROM, _TO, other))
        unmarked = packets.request()[:8] + bytes(56)
        self.assert_dropped(packets.ipv4(_FROM, _TO, unmarked))
        other = packets.request(run=1, version=6)
        self.assert_dropped(packets.ipv6(_FROM6, _TO6, other))

    def test_later_fragments(self) -> None:
        ours = packets.request()
        self.assert_passes(packets.ipv4(_FROM, _TO, ours, fragment=0x2000))
        self.assert_dropped(packets.ipv4(_FROM, _TO, ours, fragment=0x2005))
        header = packets.fragment_header(offset=5)
        self.assert_dropped(
            packets.ipv6(
                _FROM6,
                _TO6,
                header + packets.request(version=6),
                following=44,
            )
        )

    def test_other_protocols(self) -> None:
        ours = packets.request()
        self.assert_dropped(packets.ipv4(_FROM, _TO, ours, protocol=17))
        self.assert_dropped(packets.ipv6(_FROM6, _TO6, ours, following=17))
        self.assert_dropped(
            packets.ipv4(_FROM, _TO, packets.error(3, 1, ours))
        )
        self.assert_dropped(b"\x81\x00" + bytes(60))

    def test_address_resolution(self) -> None:
        self.assert_passes(packets.arp(1, _FROM, _TO))
        for kind in (135, 136):
            self.assert_passes(
                packets.ipv6(
                    _FROM6, _TO6, packets.neighbour_discovery(kind, _TO6)
                )
            )
        router = packets.neighbour_discovery(134, _TO6)
        self.assert_dropped(packets.ipv6(_FROM6, _TO6, router))

    def test_loopback(self) -> None:
        packet = packets.ipv4(_FROM, _TO, packets.request())
        self.assertEqual(0, bpf.run(self.program, packet, hardware_type=772))
