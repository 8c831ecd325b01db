# SPDX-License-Identifier: Apache-2.0
"""Tests of building frames, against their bytes as the standards have them."""

import gzip
import struct
from typing import Any
import unittest
from unittest import mock

from steth.agent.probe import packet_frames
from steth.agent.probe import resolution
from steth.rpc import errors
from steth.rpc import requests

_HERE = "02:00:00:00:00:01"
_THERE = "02:00:00:00:00:02"
_ETHERNET = bytes.fromhex("020000000002020000000001")


def _build(**parts: Any) -> bytes:
    given = {"source_mac": _HERE, "destination_mac": _THERE} | parts
    return packet_frames.build(requests.Frame(**given))


class BuildTestCase(unittest.TestCase):
    def test_udp(self) -> None:
        frame = _build(
            protocol="udp", source="192.0.2.1", destination="192.0.2.2",
            source_port=7, destination_port=9, payload=b"hi", ttl=5, dscp=46,
        )  # fmt: skip
        self.assertEqual(_ETHERNET + b"\x08\x00", frame[:14])
        header = frame[14:34]
        self.assertEqual(0, resolution.checksum(header))
        self.assertEqual((184, 30), struct.unpack_from("!BH", header, 1))
        self.assertEqual((5, 17), (header[8], header[9]))
        self.assertEqual(bytes((192, 0, 2, 1, 192, 0, 2, 2)), header[12:])
        self.assertEqual((7, 9, 10), struct.unpack_from("!HHH", frame, 34))
        self.assertEqual(b"hi", frame[42:])
        pseudo = header[12:] + struct.pack("!HH", 17, 10)
        self.assertEqual(0, resolution.checksum(pseudo + frame[34:]))

    def test_tcp(self) -> None:
        given = {
            "protocol": "tcp",
            "source": "192.0.2.1",
            "destination": "192.0.2.2",
            "destination_port": 80,
        }
        for flags, bits in ((None, 0x02), ("SA", 0x12), ("", 0), ("R", 4)):
            frame = _build(tcp_flags=flags, **given)
            self.assertEqual(
                (49152, 80, bits),
                (*struct.unpack_from("!HH", frame, 34), frame[47]),
            )

    def test_icmp(self) -> None:
        given = {"source": "192.0.2.1", "destination": "192.0.2.2"}
        frame = _build(protocol="icmp", payload=b"ab", **given)
        self.assertEqual((8, 0), (frame[34], frame[35]))
        self.assertEqual(0, resolution.checksum(frame[34:]))
        frame = _build(protocol="icmp", icmp_type=3, icmp_code=4, **given)
        self.assertEqual((3, 4), (frame[34], frame[35]))

    def test_icmp_of_ipv6(self) -> None:
        for kind, expected in ((None, 128), (136, 136)):
            frame = _build(
                protocol="icmp", source="2001:db8::1",
                destination="2001:db8::2", icmp_type=kind, ttl=255,
            )  # fmt: skip
            self.assertEqual(b"\x86\xdd\x60", frame[12:15])
            self.assertEqual((58, 255), (frame[20], frame[21]))
            self.assertEqual(expected, frame[54])

    def test_arp(self) -> None:
        given = {
            "protocol": "arp",
            "source": "192.0.2.1",
            "destination": "192.0.2.2",
        }
        ends = bytes.fromhex("020000000001c0000201"), bytes((192, 0, 2, 2))
        for operation, number, target in (
            (None, 1, bytes(6)),
            ("reply", 2, bytes.fromhex("020000000002")),
        ):
            frame = _build(arp_operation=operation, **given)
            self.assertEqual(
                bytes.fromhex(f"080600010800060400{number:02x}")
                + ends[0]
                + target
                + ends[1],
                frame[12:],
            )

    def test_dhcp(self) -> None:
        frame = _build(protocol="dhcp", destination_mac="ff:ff:ff:ff:ff:ff")
        self.assertEqual(bytes(4) + b"\xff" * 4, frame[26:34])
        self.assertEqual((68, 67), struct.unpack_from("!HH", frame, 34))
        bootp = frame[42:]
        self.assertEqual(b"\x01\x01\x06\x00", bootp[:4])
        self.assertEqual(b"\x80\x00", bootp[10:12])
        self.assertEqual(bytes.fromhex("020000000001"), bootp[28:34])
        self.assertEqual(b"c\x82Sc\x35\x01\x01\xff", bootp[236:244])

    def test_tags(self) -> None:
        tag = requests.VlanTag
        given = {"ethertype": 0x88B5, "payload": b"x"}
        self.assertEqual(
            _ETHERNET + bytes.fromhex("8100606488b5") + b"x",
            _build(vlans=(tag(id=100, priority=3),), **given),
        )
        self.assertEqual(
            _ETHERNET + bytes.fromhex("88a800648100000588b5") + b"x",
            _build(vlans=(tag(id=100), tag(id=5)), **given),
        )


class DescribeTestCase(unittest.TestCase):
    def test_lines(self) -> None:
        for parts, said in (
            (
                {
                    "protocol": "tcp",
                    "source": "192.0.2.1",
                    "destination": "192.0.2.2",
                    "destination_port": 80,
                    "vlans": (requests.VlanTag(id=100, priority=3),),
                },
                ", VLAN 100 priority 3: IP / TCP 192.0.2.1:49152 > "
                "192.0.2.2:80 S, 58 bytes",
            ),
            (
                {
                    "protocol": "icmp",
                    "source": "2001:db8::1",
                    "destination": "2001:db8::2",
                },
                ": IPv6 / ICMPv6 Echo Request (id: 0x0 seq: 0x0) "
                "2001:db8::1 > 2001:db8::2, 62 bytes",
            ),
            (
                {"ethertype": 0x88B5, "payload": b"x"},
                ": EtherType 0x88b5, 15 bytes",
            ),
        ):
            self.assertEqual(
                f"{_HERE} > {_THERE}{said}",
                packet_frames.describe(_build(**parts)),
            )

    def test_what_is_not_ethernet_ii(self) -> None:
        frame = _ETHERNET + b"\x00\x03" + b"\x42\x42\x03"
        self.assertIn("17 bytes", packet_frames.describe(frame))


def _pcap(*packets: bytes, kind: int = 1, cut: int = 0) -> bytes:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, kind)
    return header + b"".join(
        struct.pack("<IIII", 1, 0, len(one), len(one) + cut) + one
        for one in packets
    )


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _pcapng(*packets: bytes, kind: int = 1) -> bytes:
    section = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = _block(1, struct.pack("<HHI", kind, 0, 65535))
    return (
        section
        + interface
        + b"".join(
            _block(6, struct.pack("<IIIII", 0, 0, 0, len(one), len(one)) + one)
            for one in packets
        )
    )


class ReadTestCase(unittest.TestCase):
    frames = (bytes(range(60)), bytes(range(14, 80)))

    def test_both_formats(self) -> None:
        for content in (_pcap(*self.frames), _pcapng(*self.frames)):
            self.assertEqual(list(self.frames), packet_frames.read(content))

    def test_mistakes(self) -> None:
        for content, said in (
            (b"", "neither a pcap nor a pcapng"),
            (b"GIF89a, but no packets in here", "neither a pcap nor a pcapng"),
            (b"\xd4\xc3\xb2\xa1\2", "Not a supported"),
            (_pcap(), "it has no packet"),
            (_pcap(bytes(60), kind=101), "packet 1 is not of Ethernet"),
            (_pcapng(bytes(60), kind=101), "packet 1 is not of Ethernet"),
            (_pcap(bytes(60), bytes(13)), "packet 2 is shorter"),
            (_pcap(bytes(60), cut=4), "packet 1 was cut off .* 60 of 64"),
            (_pcap(*[bytes(60)] * 1001), "more than 1000 packets"),
        ):
            with self.assertRaisesRegex(errors.OperationError, said) as caught:
                packet_frames.read(content)
            self.assertEqual("file", caught.exception.argument)

    def test_what_is_compressed_is_not_unpacked(self) -> None:
        frames = [bytes(60)] * 3
        for content in (_pcap(*frames), _pcapng(*frames)):
            with (
                mock.patch.object(
                    gzip.GzipFile, "read", autospec=True
                ) as unpack,
                self.assertRaisesRegex(
                    errors.OperationError, "compressed: .* gunzip"
                ) as caught,
            ):
                packet_frames.read(gzip.compress(content))
            self.assertEqual("file", caught.exception.argument)
            unpack.assert_not_called()

    def test_a_block_longer_than_the_file_brings_no_more_than_that(
        self,
    ) -> None:
        # Only what it is said to be, not what there is, has 2 GB.
        torn = struct.pack("<II", 6, 0x80000000) + bytes(1000)
        content = _pcapng(*self.frames) + torn
        with self.assertLogs("scapy.runtime", "WARNING"):
            found = packet_frames.read(content)
        self.assertEqual(list(self.frames), found)
