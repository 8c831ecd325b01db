# SPDX-License-Identifier: Apache-2.0
"""Tests of a probe, played as events without a network."""

import errno
import socket
import unittest

from steth.agent.probe import failure
from steth.agent.probe import session
from steth.agent.probe import tally
from steth.rpc import requests
from steth.tests.unit.agent.probe import packets

_MS = 1_000_000
_WALL = 10**18


def make(*targets: requests.IcmpTarget, count: int = 3) -> session.Session:
    """Return a session with these targets."""
    request = requests.ProbeIcmp(
        targets=targets, count=count, interval=0.1, run=packets.RUN
    )
    return session.Session(request, packets.IDENTIFIER, 1000)


class Play:
    """A session and the network that its packets go to."""

    def __init__(self, *targets: requests.IcmpTarget, count: int = 3) -> None:
        self.session = make(*targets, count=count)
        self.sent: list[bytes] = []
        self.now = 0
        self.session.pace.begin(0)

    def send_all(self) -> None:
        """Send every packet, 1 ms apart."""
        one = self.session
        for packet in range(one.pace.total):
            index = one.write(packet)
            padding = bytes(one.templates[index].padding)
            self.sent.append(bytes(one.head) + padding)
            one.sent(packet, _WALL + self.now, self.now)
            self.now += _MS
        one.pace.next = one.pace.total

    def receive_v4(self, source: str, payload: bytes) -> None:
        """Let an ICMP packet come in."""
        data = packets.ipv4(source, "10.0.0.1", payload)
        self.session.receive_v4(memoryview(data), _WALL + self.now, self.now)

    def receive_v6(self, source: str, payload: bytes) -> None:
        """Let an ICMPv6 packet come in."""
        self.session.receive_v6(
            memoryview(payload), source, _WALL + self.now, self.now
        )

    def quote_v4(self, packet: int, destination: str) -> bytes:
        """Return the packet as a router would quote it."""
        return packets.ipv4("10.0.0.1", destination, self.sent[packet])

    def results(self) -> tuple[tally.TargetTally, ...]:
        """Return the account."""
        return self.session.tally.results()


class TargetTestCase(unittest.TestCase):
    def test_a_scope(self) -> None:
        target = session.Target.of(requests.IcmpTarget(address="fe80::1%eth7"))
        self.assertEqual("fe80::1", target.address)
        self.assertEqual(("eth7", "eth7"), (target.scope, target.device))
        self.assertEqual(socket.AF_INET6, target.family)

    def test_the_form_of_an_address_does_not_matter(self) -> None:
        target = session.Target.of(
            requests.IcmpTarget(address="FD00:0::0001", source="fd00::0:2")
        )
        self.assertEqual("fd00::1", target.address)
        self.assertEqual(
            socket.inet_pton(socket.AF_INET6, "fd00::2"), target.source
        )


class SessionTestCase(unittest.TestCase):
    two = (
        requests.IcmpTarget(address="10.0.0.2"),
        requests.IcmpTarget(address="10.0.0.3", size=1500),
    )

    def test_all_answer(self) -> None:
        play = Play(*self.two)
        play.send_all()
        for packet, data in enumerate(play.sent):
            source = ("10.0.0.2", "10.0.0.3")[packet % 2]
            play.receive_v4(source, packets.reply(data))
        self.assertEqual([3, 3], [one.received for one in play.results()])
        self.assertEqual(0, play.session.ends_at())

    def test_waits_for_the_last_answer(self) -> None:
        play = Play(*self.two)
        self.assertIsNone(play.session.ends_at())
        play.send_all()
        self.assertEqual(5 * _MS + 10**9, play.session.ends_at())

    def test_an_answer_from_somebody_else_is_none(self) -> None:
        play = Play(*self.two)
        play.send_all()
        play.receive_v4("10.0.0.3", packets.reply(play.sent[0]))
        self.assertEqual([0, 0], [one.received for one in play.results()])

    def test_answers_that_are_not_ours(self) -> None:
        play = Play(*self.two)
        play.send_all()
        for data in (
            packets.reply(packets.request(99, 0)),
            packets.reply(packets.request(0, 50)),
            packets.reply(packets.request(0, 0, identifier=1)),
            packets.reply(packets.request(0, 0, run=1)),
            b"",
        ):
            play.receive_v4("10.0.0.2", data)
        play.session.receive_v4(memoryview(b""), 0, 0)
        self.assertEqual([0, 0], [one.received for one in play.results()])

    def test_ipv6(self) -> None:
        play = Play(
            requests.IcmpTarget(address="fd00::2"),
            requests.IcmpTarget(address="fe80::2", device="eth0"),
        )
        play.send_all()
        play.receive_v6("fd00::2", packets.reply(play.sent[0]))
        play.receive_v6("fe80::2%eth0", packets.reply(play.sent[1]))
        self.assertEqual([1, 1], [one.received for one in play.results()])

    def test_an_error_is_of_its_packet(self) -> None:
        play = Play(*self.two)
        play.send_all()
        quoted = play.quote_v4(5, "10.0.0.3")
        play.receive_v4("10.0.0.9", packets.error(3, 13, quoted))
        self.assertEqual(5, play.session.tally.pending)
        found = play.results()
        self.assertEqual(failure.SILENCE, found[0].failure)
        self.assertEqual(
            failure.Failure(type=3, code=13, reporter="10.0.0.9"),
            found[1].failure,
        )

    def test_an_error_that_quotes_little(self) -> None:
        play = Play(*self.two)
        play.send_all()
        quoted = play.quote_v4(4, "10.0.0.2")[:28]
        play.receive_v4("10.0.0.9", packets.error(3, 4, quoted, rest=1400))
        self.assertEqual(
            failure.Failure(type=3, code=4, mtu=1400, reporter="10.0.0.9"),
            play.results()[0].failure,
        )

    def test_an_error_about_another_target(self) -> None:
        play = Play(*self.two)
        play.send_all()
        for length in (28, None):
            quoted = play.quote_v4(4, "10.0.0.77")[:length]
            play.receive_v4("10.0.0.9", packets.error(3, 1, quoted))
        self.assertEqual(6, play.session.tally.pending)

    def test_sequence_numbers_repeat(self) -> None:
        play = Play(self.two[0], *[self.two[1]] * 255, count=513)
        play.send_all()
        # The first target's packets 0, 256 and 512 have one sequence number;
        # the last of them is meant.
        quoted = play.quote_v4(512 * 256, "10.0.0.2")[:28]
        play.receive_v4("10.0.0.9", packets.error(3, 1, quoted))
        self.assertEqual(256 * 513 - 1, play.session.tally.pending)
        self.assertEqual(
            failure.Failure(type=3, code=1, reporter="10.0.0.9"),
            play.results()[0].failure,
        )

    def test_an_error_of_ipv6(self) -> None:
        play = Play(requests.IcmpTarget(address="fd00::2"))
        play.send_all()
        quoted = packets.ipv6("fd00::1", "fd00::2", play.sent[2])
        play.receive_v6("fd00::9", packets.error(2, 0, quoted, rest=1300))
        self.assertEqual(
            failure.Failure(type=2, mtu=1300, reporter="fd00::9"),
            play.results()[0].failure,
        )

    def test_abandoned(self) -> None:
        play = Play(*self.two)
        play.session.sent(0, 0, 0)
        play.session.pace.next = 1
        play.session.abandon()
        self.assertTrue(play.session.pace.done)
        self.assertEqual(
            [failure.Failure(number=errno.ETIME)] * 2,
            [one.failure for one in play.results()],
        )
        self.assertEqual([1, 0], [one.sent for one in play.results()])
