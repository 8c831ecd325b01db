# SPDX-License-Identifier: Apache-2.0
"""Streams of either byte order and resolution, whole and cut off."""

import struct
import unittest

from steth.model import pcap

_NANO, _MICRO = 0xA1B23C4D, 0xA1B2C3D4


def header(order: str = "<", magic: int = _NANO, link_type: int = 1) -> bytes:
    return struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 96, link_type)


def record(
    data: bytes,
    seconds: int = 7,
    fraction: int = 5,
    length: int = 0,
    order: str = "<",
) -> bytes:
    return (
        struct.pack(
            f"{order}IIII", seconds, fraction, len(data), length or len(data)
        )
        + data
    )


class PcapTestCase(unittest.TestCase):
    def test_byte_order_and_resolution(self) -> None:
        for order in "<>":
            for magic, time in ((_NANO, 7_000_000_005), (_MICRO, 7_000_005e3)):
                with self.subTest(order=order, magic=hex(magic)):
                    stream = header(order, magic, link_type=276) + record(
                        b"abc", length=1500, order=order
                    )
                    about = pcap.header(stream)
                    self.assertEqual((96, 276), (about.snaplen, 276))
                    (one,) = pcap.records(about, stream, pcap.HEADER_BYTES)
                    self.assertEqual((time, 1500), (one.time, one.length))
                    self.assertEqual(b"abc", stream[one.start : one.end])

    def test_check_sequences_are_no_part_of_the_link_type(self) -> None:
        self.assertEqual(
            1, pcap.header(header(link_type=0x54000001)).link_type
        )

    def test_cut_off_anywhere(self) -> None:
        stream = record(b"abc") + record(b"") + record(b"defg")
        about = pcap.header(header())
        whole = [one.end for one in pcap.records(about, stream)]
        self.assertEqual([19, 35, 55], whole)
        for end in range(len(stream)):
            self.assertEqual(
                [one for one in whole if one <= end],
                [one.end for one in pcap.records(about, stream[:end])],
            )

    def test_not_a_stream(self) -> None:
        for data in (b"", header()[:23], b"\x0a\x0d\x0d\x0a" * 6, bytes(24)):
            with self.assertRaises(ValueError):
                pcap.header(data)
        with self.assertRaisesRegex(ValueError, "1094795585 bytes"):
            list(pcap.records(pcap.header(header()), b"A" * 64))
