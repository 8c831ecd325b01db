# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.controller.capture import pcapng
from steth.tests.unit.controller.capture import blocks

_TIME = 1_795_249_995_065_643_339


class PcapngTestCase(unittest.TestCase):
    def test_packets_of_any_length(self) -> None:
        data = pcapng.section("steth") + pcapng.interface(
            pcapng.Interface(
                name="compute1:eth1",
                description="eth1 on compute1",
                link_type=276,
                snaplen=96,
                filter="icmp or \u00e4",
            )
        )
        packets = [
            (0, _TIME + length, bytes(range(length)), 1500)
            for length in range(9)
        ]
        for one in packets:
            data += pcapng.packet(*one)
        found = blocks.parse(data)
        self.assertEqual("steth", found.application)
        self.assertEqual(packets, found.packets)
        self.assertEqual([276], found.link_types)
        self.assertEqual(
            [
                {
                    2: b"compute1:eth1",
                    3: b"eth1 on compute1",
                    9: b"\x09",
                    11: b"\0icmp or \xc3\xa4",
                }
            ],
            found.interfaces,
        )

    def test_statistics(self) -> None:
        counted = pcapng.Statistics(
            started=_TIME,
            ended=_TIME + 5,
            delivered=7,
            received=9,
            dropped=2,
            comment="2 are missing",
        )
        (told,) = blocks.parse(pcapng.statistics(3, counted)).statistics
        number, options = told
        self.assertEqual(3, number)
        self.assertEqual(b"2 are missing", options.pop(1))
        high, low = (options[2][:4], options[2][4:])
        self.assertEqual(
            _TIME,
            int.from_bytes(high, "little") << 32
            | int.from_bytes(low, "little"),
        )
        # Nothing is said of the interface, for nothing is known.
        self.assertEqual(
            {4: 9, 6: 9, 7: 2, 8: 7},
            {
                code: blocks.number(value)
                for code, value in options.items()
                if code > 3
            },
        )
