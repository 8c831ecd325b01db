# SPDX-License-Identifier: Apache-2.0
"""Tests of the messages to a group, in frames made by scapy."""

import ipaddress
import unittest

from scapy.layers import inet
from scapy.layers import inet6
from scapy.layers import l2

from steth.agent.probe import filters
from steth.agent.probe import multicast_message
from steth.tests.unit.agent.probe import bpf

RUN = 0xABCD0123


def frame(
    version: int = 4,
    *,
    run: int = RUN,
    sender: int = 3,
    port: int = multicast_message.PORT,
    options: int = 0,
) -> bytes:
    """Return a message as it arrives."""
    group = multicast_message.group(run, version)
    ip = (
        inet.IP(dst=group, options=[inet.IPOption_NOP()] * options)
        if version == 4
        else inet6.IPv6(src="2001:db8::1", dst=group)
    )
    return bytes(
        l2.Ether(src="02:00:00:00:00:01", dst="01:00:5e:00:00:01")
        / ip
        / inet.UDP(dport=port)
        / multicast_message.build(run, sender)
    )


class MulticastMessageTestCase(unittest.TestCase):
    def test_groups(self) -> None:
        """They are multicast, of a local scope, and differ by run."""
        for version, net in ((4, "239.255.0.0/16"), (6, "ff15::/16")):
            groups = {
                multicast_message.group(run, version)
                for run in (1, 2, RUN, 0xFFFFFFFF)
            }
            self.assertEqual(4, len(groups))
            for one in groups:
                address = ipaddress.ip_address(one)
                self.assertTrue(address.is_multicast)
                self.assertIn(address, ipaddress.ip_network(net))

    def test_read(self) -> None:
        message = multicast_message.build(RUN, 3)
        self.assertEqual(3, multicast_message.read(message, RUN))
        self.assertIsNone(multicast_message.read(message, RUN + 1))
        self.assertIsNone(multicast_message.read(b"x" * 20, RUN))
        for length in range(len(message)):
            self.assertIsNone(multicast_message.read(message[:length], RUN))

    def test_read_frames(self) -> None:
        for version in (4, 6):
            whole = frame(version)
            self.assertEqual(3, multicast_message.read_frame(whole, RUN))
            for length in range(len(whole) - 1):
                multicast_message.read_frame(whole[:length], RUN)

    def test_the_filter(self) -> None:
        program = filters.group_messages(RUN)
        for one in (frame(4), frame(4, options=4), frame(6)):
            self.assertTrue(bpf.run(program, one))
            self.assertFalse(bpf.run(program, one, packet_type=4))
        for version in (4, 6):
            for other in (
                frame(version, run=RUN + 1),
                frame(version, port=9698),
            ):
                self.assertFalse(bpf.run(program, other))
