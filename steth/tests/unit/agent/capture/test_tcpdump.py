# SPDX-License-Identifier: Apache-2.0
"""tcpdump's arguments, and messages as versions of it write them."""

from typing import Any
import unittest

from steth.agent.capture import tcpdump
from steth.model import capture
from steth.rpc import requests

_BEGUN = (
    "tcpdump: listening on eth1, link-type EN10MB (Ethernet), snapshot "
    "length 262144 bytes\n"
)
_ENDED = (
    _BEGUN + "1 packet captured\n12 packets received by filter\n"
    "3 packets dropped by kernel\n"
)
_ANY = (
    "tcpdump: WARNING: any: That device doesn't support promiscuous mode\n"
    '(Promiscuous mode not supported on the "any" device)\n'
    "tcpdump: data link type LINUX_SLL2\n"
    "tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2)\n"
)


def _arguments(**changes: Any) -> list[str]:
    point = requests.CapturePoint(device="eth1")
    request = requests.CaptureStart(
        points=(point,), size=1 << 20, seconds=1.0, **changes
    )
    return tcpdump.arguments(point, request)


class TcpdumpTestCase(unittest.TestCase):
    def test_a_filter_is_never_an_option(self) -> None:
        self.assertEqual(
            ["--", "-w /etc/passwd"],
            _arguments(filter="-w /etc/passwd")[-2:],
        )
        self.assertNotIn("--", _arguments())

    def test_bounds(self) -> None:
        argv = _arguments(packets=5, snaplen=96)
        self.assertEqual("5", argv[argv.index("-c") + 1])
        self.assertEqual("96", argv[argv.index("-s") + 1])
        self.assertEqual("65536", argv[argv.index("-B") + 1])
        self.assertNotIn("-c", _arguments())

    def test_listening(self) -> None:
        self.assertEqual("eth1", tcpdump.listening_on(_BEGUN))
        self.assertEqual("any", tcpdump.listening_on(_ANY))
        self.assertIsNone(tcpdump.listening_on("tcpdump: x: No such device"))

    def test_counts(self) -> None:
        self.assertIsNone(tcpdump.counts(_BEGUN))
        self.assertEqual(
            capture.Kernel(received=12, dropped=3), tcpdump.counts(_ENDED)
        )
        self.assertEqual(
            capture.Kernel(received=12, dropped=3, interface_dropped=1),
            tcpdump.counts(_ENDED + "1 packet dropped by interface\n"),
        )

    def test_complaints(self) -> None:
        for said, expected in (
            (_ENDED, None),
            (_ANY, None),
            (
                "tcpdump: can't parse filter expression: syntax error\n",
                "can't parse filter expression: syntax error",
            ),
            (
                "tcpdump: x: No such device exists\n(No such device exists)\n",
                "x: No such device exists",
            ),
            (
                _BEGUN + "tcpdump: pcap_loop: The interface disappeared\n",
                "pcap_loop: The interface disappeared",
            ),
        ):
            self.assertEqual(expected, tcpdump.complaint(said))
