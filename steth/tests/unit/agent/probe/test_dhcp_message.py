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
OTHER = bytes.fromhex("02004c4f4f51")
RUN = 0xABCD0123


def answer(**changed: Any) -> bytes:
    """Return an offer as a server sends it."""
    kept: dict[str, Any] = {
        "op": 2,
        "xid": dhcp_message.transaction(RUN, 100),
        "chaddr": MAC,
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
    def options(self, frame: bytes) -> dict[str, Any]:
        found = l2.Ether(frame)[dhcp.DHCP].options
        return dict(one for one in found if isinstance(one, tuple))

    def test_it_is_one(self) -> None:
        frame = l2.Ether(dhcp_message.discover(MAC, RUN, 100))
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
        self.assertEqual(MAC.ljust(16, b"\0"), message.chaddr)
        options = self.options(bytes(frame))
        self.assertEqual(1, options["message-type"])
        self.assertIn(b"steth-abcd0123", options["client_id"])

    def test_without_a_tag(self) -> None:
        frame = l2.Ether(dhcp_message.discover(MAC, RUN, 0))
        self.assertNotIn(l2.Dot1Q, frame)
        self.assertIn(dhcp.DHCP, frame)

    def test_all_hosts_of_a_run_name_one_client(self) -> None:
        first = self.options(dhcp_message.discover(MAC, RUN, 0))
        second = self.options(dhcp_message.discover(OTHER, RUN, 0))
        self.assertEqual(first["client_id"], second["client_id"])


class ReadTestCase(unittest.TestCase):
    def read(self, frame: bytes) -> dhcp_message.Offer | None:
        return dhcp_message.read(frame, RUN, MAC)

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
            {"xid": dhcp_message.transaction(RUN + 1, 100)},
            {"chaddr": OTHER},
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
        for vlan in (0, 1, 4094):
            xid = dhcp_message.transaction(RUN, vlan)
            self.assertTrue(self.passed(answer(xid=xid)))

    def test_others(self) -> None:
        self.assertEqual(0, self.passed(answer(), packet_type=4))
        self.assertEqual(0, self.passed(dhcp_message.discover(MAC, RUN, 0)))
        for changed in (
            {"xid": dhcp_message.transaction(RUN + 1, 100)},
            {"xid": dhcp_message.transaction(RUN - 1, 100)},
            {"dport": 67},
            {"op": 1},
        ):
            self.assertEqual(0, self.passed(answer(**changed)), changed)
