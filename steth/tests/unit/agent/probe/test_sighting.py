# SPDX-License-Identifier: Apache-2.0
"""Tests of counting what passes the devices."""

import socket
import unittest
from unittest import mock

from steth.agent.probe import sighting
from steth.model import probe
from steth.tests.unit.agent.probe import packets

_KIND = probe.PacketKind


class SightingsTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.sightings = sighting.Sightings(
            packets.RUN,
            frozenset(map(sighting.packed, ("10.0.0.2", "fd00::2%eth0"))),
            lambda device: f"eth{device}",
        )

    def see(
        self, packet: bytes, device: int = 0, *, outgoing: bool = False
    ) -> None:
        self.sightings.see(device, outgoing, memoryview(packet))

    def seen(self) -> list[tuple[probe.PacketKind, str, str, int, int]]:
        return [
            (one.kind, one.source, one.destination, one.size, one.count)
            for one in self.sightings.results()
        ]

    def test_packets_of_one_kind_are_counted_together(self) -> None:
        for index in range(2):
            for number in range(3):
                self.see(
                    packets.ipv4(
                        "10.0.0.1", "10.0.0.2", packets.request(index, number)
                    )
                )
        self.assertEqual(
            [(_KIND.REQUEST, "10.0.0.1", "10.0.0.2", 64, 6)], self.seen()
        )

    def test_one_packet_counts_once(self) -> None:
        packet = packets.ipv4("10.0.0.1", "10.0.0.2", packets.request(1, 1))
        for _ in range(3):
            self.see(packet)
        self.assertEqual(1, self.seen()[0][-1])

    def test_but_once_for_each_sender(self) -> None:
        # Two agents on one host, or one that asks twice in one run.
        for identifier in (1, 2):
            self.see(
                packets.ipv4(
                    "10.0.0.1",
                    "10.0.0.2",
                    packets.request(identifier=identifier),
                )
            )
        self.assertEqual(2, self.seen()[0][-1])

    def test_devices_and_directions_are_apart(self) -> None:
        packet = packets.ipv4("10.0.0.1", "10.0.0.2", packets.request())
        self.see(packet, 0)
        self.see(packet, 1)
        self.see(packet, 1, outgoing=True)
        self.assertEqual(
            [("eth0", False), ("eth1", False), ("eth1", True)],
            [(one.device, one.outgoing) for one in self.sightings.results()],
        )

    def test_kinds_and_sizes_are_apart(self) -> None:
        asked = packets.request()
        self.see(packets.ipv4("10.0.0.1", "10.0.0.2", asked))
        self.see(packets.ipv4("10.0.0.2", "10.0.0.1", packets.reply(asked)))
        large = packets.request(size=1500)
        self.see(packets.ipv4("10.0.0.1", "10.0.0.2", large))
        self.assertEqual(
            [
                (_KIND.REPLY, "10.0.0.2", "10.0.0.1", 64, 1),
                (_KIND.REQUEST, "10.0.0.1", "10.0.0.2", 64, 1),
                (_KIND.REQUEST, "10.0.0.1", "10.0.0.2", 1500, 1),
            ],
            self.seen(),
        )

    def test_ipv6(self) -> None:
        asked = packets.request(version=6, size=80)
        self.see(packets.ipv6("fd00::1", "fd00::2", asked))
        header = packets.fragment_header()
        self.see(
            packets.ipv6("fd00::1", "fd00::3", header + asked, following=44)
        )
        self.assertEqual(
            [
                (_KIND.REQUEST, "fd00::1", "fd00::2", 80, 1),
                (_KIND.REQUEST, "fd00::1", "fd00::3", 88, 1),
            ],
            self.seen(),
        )

    def test_arp(self) -> None:
        for _ in range(2):
            self.see(packets.arp(1, "10.0.0.1", "10.0.0.2"))
        self.see(packets.arp(2, "10.0.0.2", "10.0.0.1"))
        self.see(packets.arp(1, "10.0.0.1", "10.0.0.99"))
        self.assertEqual(
            [
                (_KIND.ARP, "10.0.0.1", "10.0.0.2", 0, 2),
                (_KIND.ARP, "10.0.0.2", "10.0.0.1", 0, 1),
            ],
            self.seen(),
        )

    def test_hardware_address_that_is_claimed(self) -> None:
        self.see(packets.arp(2, "10.0.0.2", "10.0.0.1"))
        advertisement = packets.neighbour_discovery(136, "fd00::2")
        option = bytes.fromhex("0201020000000042")
        self.see(packets.ipv6("fe80::2", "fd00::1", advertisement + option))
        self.see(packets.ipv6("fe80::2", "fd00::1", advertisement))
        self.assertEqual(
            [
                ("10.0.0.2", "02:00:00:00:00:01"),
                ("fd00::2", None),
                ("fd00::2", "02:00:00:00:00:42"),
            ],
            [(one.source, one.mac) for one in self.sightings.results()],
        )

    def test_neighbour_discovery(self) -> None:
        solicitation = packets.neighbour_discovery(135, "fd00::2")
        self.see(packets.ipv6("fd00::1", "ff02::1:ff00:2", solicitation))
        advertisement = packets.neighbour_discovery(136, "fd00::2")
        self.see(packets.ipv6("fe80::2", "fd00::1", advertisement))
        other = packets.neighbour_discovery(135, "fd00::99")
        self.see(packets.ipv6("fd00::1", "ff02::1:ff00:99", other))
        self.assertEqual(
            [
                (_KIND.ARP, "fd00::1", "fd00::2", 0, 1),
                (_KIND.ARP, "fd00::2", "fd00::1", 0, 1),
            ],
            self.seen(),
        )

    def test_what_is_not_of_the_run(self) -> None:
        for packet in (
            packets.ipv4("10.0.0.1", "10.0.0.2", packets.request(run=1)),
            packets.ipv4("10.0.0.1", "10.0.0.2", bytes(40)),
            packets.ipv4("10.0.0.1", "10.0.0.2", packets.request())[:30],
            packets.ipv6("fd00::1", "fd00::2", bytes(30)),
            packets.ipv6("fd00::1", "fd00::2", bytes(30))[:41],
            packets.ipv6(
                "fd00::1",
                "fd00::2",
                packets.neighbour_discovery(135, "fd00::2")[:12],
            ),
            b"",
        ):
            self.see(packet)
        self.assertEqual([], self.seen())
        self.assertEqual(0, self.sightings.lost)

    def test_what_there_is_no_room_for_is_told(self) -> None:
        with mock.patch.object(sighting, "MAX_GROUPS", 2):
            for index in range(3):
                self.see(
                    packets.ipv4(
                        "10.0.0.1", "10.0.0.2", packets.request(index)
                    )
                )
                self.see(packets.arp(1, f"10.0.0.{index + 3}", "10.0.0.2"))
            # One that is known already still counts.
            self.see(
                packets.ipv4("10.0.0.1", "10.0.0.2", packets.request(0, 1))
            )
        self.assertEqual(2, self.sightings.lost)
        self.assertEqual(3, self.seen()[-1][-1])


class PackedTestCase(unittest.TestCase):
    def test_packed(self) -> None:
        self.assertEqual(b"\x0a\0\0\1", sighting.packed("10.0.0.1"))
        self.assertEqual(
            socket.inet_pton(socket.AF_INET6, "fe80::1"),
            sighting.packed("fe80::1%eth0"),
        )
