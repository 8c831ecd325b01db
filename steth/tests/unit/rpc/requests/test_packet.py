# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

_UDP = {
    "protocol": "udp",
    "destination": "192.0.2.1",
    "destination_port": 53,
}


def _decode(frame: dict[str, Any] | None, **more: Any) -> requests.Request:
    arguments = {"interface": "eth0", **more}
    if frame is not None:
        arguments["frame"] = frame
    return contract.decode_request(contract.PROBE_PACKET_SEND, arguments)


class PacketSendTestCase(unittest.TestCase):
    def assert_refused(
        self, said: str, frame: dict[str, Any] | None, **more: Any
    ) -> None:
        with self.assertRaises(errors.OperationError) as caught:
            _decode(frame, **more)
        self.assertIn(said, caught.exception.message)

    def test_good(self) -> None:
        for frame in (
            _UDP,
            {"protocol": "arp", "destination": "192.0.2.1"},
            {"protocol": "icmp", "destination": "2001:db8::1"},
            {"protocol": "dhcp", "vlans": [{"id": 7, "priority": 3}]},
            {"ethertype": 0x88B5, "payload": "AAE="},
        ):
            with self.subTest(frame=frame):
                _decode(frame)
        self.assertEqual(
            b"\0\1",
            _decode(None, file="AAE=").file,  # type: ignore[attr-defined]
        )

    def test_what_contradicts(self) -> None:
        for frame, said in (
            ({}, "protocol: there is nothing to send"),
            (
                {**_UDP, "protocol": "icmp"},
                "destination_port: does not go with protocol icmp, only with "
                "tcp, udp",
            ),
            (
                {**_UDP, "tcp_flags": "S"},
                "tcp_flags: does not go with protocol udp",
            ),
            (
                {"protocol": "dhcp", "destination": "192.0.2.1"},
                "destination: does not go with protocol dhcp",
            ),
            (
                {"ethertype": 0x88B5, "ttl": 3},
                "ttl: does not go with ethertype",
            ),
            (
                {"ethertype": 0x88B5, "protocol": "udp"},
                "protocol: does not go with ethertype",
            ),
            (
                {**_UDP, "source": "2001:db8::1"},
                "2001:db8::1 is not of the same IP version",
            ),
            (
                {"protocol": "arp", "destination": "2001:db8::1"},
                "destination: protocol arp has IPv4",
            ),
            ({"protocol": "tcp"}, "destination: protocol tcp needs it"),
            (
                {"protocol": "tcp", "destination": "192.0.2.1"},
                "destination_port: protocol tcp needs it",
            ),
            ({**_UDP, "destination": "xy"}, "'xy' is not an IP address"),
        ):
            with self.subTest(frame=frame):
                self.assert_refused(said, frame)

    def test_bounds(self) -> None:
        for changed, said in (
            ({"source_mac": "02:00"}, "frame.source_mac"),
            ({"vlans": [{"id": 4095}]}, "frame.vlans[0].id"),
            ({"vlans": [{"id": 1}] * 3}, "frame.vlans"),
            ({"ttl": 0}, "frame.ttl"),
            ({"protocol": "sctp"}, "frame.protocol"),
        ):
            with self.subTest(changed=changed):
                self.assert_refused(said, {**_UDP, **changed})
        self.assert_refused("count", _UDP, count=10_001)
        self.assert_refused("interval", _UDP, interval=11.0)
        self.assert_refused("netns", _UDP, netns="../x")

    def test_either_parts_or_a_file(self) -> None:
        for frame, more in ((None, {}), (_UDP, {"file": "AAE="})):
            self.assert_refused("either a file", frame, **more)
