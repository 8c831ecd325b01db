# SPDX-License-Identifier: Apache-2.0
"""Tests of the messages that find DHCP servers, against scapy's."""

from typing import Any
import unittest

from scapy.layers import dhcp
from scapy.layers import inet
from scapy.layers import l2

from steth.agent.probe import dhcp_message
from steth.agent.probe import filters
from steth.tests.unit.agent.probe import bpf

MAC = bytes.fromhex("02004c4f4f50")
RUN = 0xABCD0123
NUMBER = 0x12345
CLIENT = dhcp_message.hardware_address(RUN)


def answer(**changed: Any) -> bytes:
    """Return an offer as a server sends it."""
    kept: dict[str, Any] = {
        "op": 2,
        "xid": dhcp_message.transaction(NUMBER, 100),
        "chaddr": CLIENT,
        "yiaddr": "192.0.2.77",
        "giaddr": "0.0.0.0",
        "sport": 67,
        "dport": 68,
        "kind": "offer",
        "server": "192.0.2.1",
        "options": [],
    } | changed
    frame = (
        l2.Ether(src="02:00:00:00:ff:01", dst="ff:ff:ff:ff:ff:ff")
        / inet.IP(
            src="192.0.2.1", dst="255.255.255.255", options=kept["options"]
        )
        / inet.UDP(sport=kept["sport"], dport=kept["dport"])
        / dhcp.BOOTP(
            op=kept["op"],
            xid=kept["xid"],
            chaddr=kept["chaddr"],
            yiaddr=kept["yiaddr"],
            giaddr=kept["giaddr"],
        )
        / dhcp.DHCP(
            options=[
                ("message-type", kept["kind"]),
                ("server_id", kept["server"]),
                "end",
            ]
        )
    )
    return bytes(frame)


class DiscoverTestCase(unittest.TestCase):
    def test_it_is_one(self) -> None:
        frame = l2.Ether(dhcp_message.discover(MAC, RUN, NUMBER, 100))
        self.assertEqual("ff:ff:ff:ff:ff:ff", frame.dst)
        self.assertEqual(MAC.hex(":"), frame.src)
        self.assertEqual(100, frame[l2.Dot1Q].vlan)
        self.assertEqual("0.0.0.0", frame[inet.IP].src)
        self.assertEqual("255.255.255.255", frame[inet.IP].dst)
        checksum = frame[inet.IP].chksum
        del frame[inet.IP].chksum
        self.assertEqual(checksum, l2.Ether(bytes(frame))[inet.IP].chksum)
        self.assertEqual(
            (68, 67), (frame[inet.UDP].sport, frame[inet.UDP].dport)
        )
        message = frame[dhcp.BOOTP]
        self.assertEqual(1, message.op)
        self.assertEqual(0x8000, int(message.flags))
        self.assertEqual(CLIENT, message.chaddr[:6])
        options: dict[str, Any] = dict(
            one for one in frame[dhcp.DHCP].options if isinstance(one, tuple)
        )
        self.assertEqual(1, options["message-type"])
        self.assertIn(b"steth-abcd0123", options["client_id"])

    def test_without_a_tag(self) -> None:
        frame = l2.Ether(dhcp_message.discover(MAC, RUN, NUMBER, 0))
        self.assertNotIn(l2.Dot1Q, frame)
        self.assertIn(dhcp.DHCP, frame)

    def test_the_address_is_nobodys(self) -> None:
        """Locally administered, of one station (IEEE 802)."""
        for run in (1, RUN, 0xFFFFFFFF):
            first = dhcp_message.hardware_address(run)[0]
            self.assertEqual(2, first & 3)


class ReadTestCase(unittest.TestCase):
    def read(self, frame: bytes) -> dhcp_message.Offer | None:
        return dhcp_message.read(frame, RUN, NUMBER)

    def test_an_offer(self) -> None:
        for options in ([], [inet.IPOption_NOP()] * 4):
            self.assertEqual(
                dhcp_message.Offer(
                    asked_on=100,
                    server="192.0.2.1",
                    mac="02:00:00:00:ff:01",
                    source="192.0.2.1",
                    relay=None,
                    offered="192.0.2.77",
                ),
                self.read(answer(options=options)),
            )

    def test_a_relay(self) -> None:
        found = self.read(answer(giaddr="192.0.2.254", server="198.51.100.1"))
        assert found is not None
        self.assertEqual("192.0.2.254", found.relay)
        self.assertEqual("198.51.100.1", found.server)

    def test_what_is_not_for_this_host(self) -> None:
        for changed in (
            {"op": 1},
            {"xid": dhcp_message.transaction(NUMBER + 1, 100)},
            {"chaddr": MAC},
            {"kind": "ack"},
        ):
            with self.subTest(changed):
                self.assertIsNone(self.read(answer(**changed)))

    def test_pieces(self) -> None:
        """Whatever is cut off, it does not break."""
        whole = answer()
        for length in range(len(whole)):
            self.read(whole[:length])
        self.assertIsNone(self.read(whole[:200]))


class FilterTestCase(unittest.TestCase):
    program = filters.dhcp_answers(RUN)

    def passed(self, frame: bytes, packet_type: int = 0) -> int:
        return bpf.run(self.program, frame, packet_type=packet_type)

    def test_answers(self) -> None:
        self.assertEqual(filters.MESSAGE_LENGTH, self.passed(answer()))
        options = [inet.IPOption_NOP()] * 4
        self.assertTrue(self.passed(answer(options=options)))

    def test_others(self) -> None:
        self.assertEqual(0, self.passed(answer(), packet_type=4))
        self.assertEqual(
            0, self.passed(dhcp_message.discover(MAC, RUN, NUMBER, 0))
        )
        for changed in (
            {"chaddr": MAC},
            {"dport": 67},
            {"op": 1},
            {"chaddr": dhcp_message.hardware_address(RUN + 1)},
        ):
            self.assertEqual(0, self.passed(answer(**changed)), changed)
