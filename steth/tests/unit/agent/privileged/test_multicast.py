# SPDX-License-Identifier: Apache-2.0
"""Tests of a group's members, with sockets that a test fills."""

import contextlib
import os
import socket
from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import multicast
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.agent.probe import multicast_message
from steth.model import multicast as multicast_model
from steth.rpc import requests
from steth.tests.unit.agent.probe import test_multicast_message as samples

_REQUEST = requests.ProbeMulticast(
    places=(
        requests.MulticastPlace(interface="eth1", address="192.0.2.1"),
        requests.MulticastPlace(interface="eth1", address="2001:db8::1"),
    ),
    run=samples.RUN,
    index=0,
    hosts=4,
    count=2,
    interval=0.05,
    delay=0.0,
    linger=0.05,
)


#: What the tests put a stand-in for.
_SOCKET = socket.socket


class _Ring:
    """Gives a message of host 3, of this host, and one with a tag."""

    def __init__(self, *_: Any) -> None:
        self._packets = [
            packet_ring.Packet(
                2, False, vlan, memoryview(samples.frame(sender=sender))
            )
            for sender, vlan in ((3, 0), (0, 0), (2, 100), (9, 0))
        ]

    def take(self) -> list[packet_ring.Packet]:
        taken, self._packets = self._packets, []
        return taken

    def lost(self) -> int:
        return 2

    def close(self) -> None:
        pass


class RunTestCase(unittest.TestCase):
    def setUp(self) -> None:
        contexts.probe.set_client_mode(False)
        self.addCleanup(contexts.probe.set_client_mode, True)
        self.sockets: list[mock.Mock] = []
        for module, name, new in (
            (packet_ring, "PacketRing", _Ring),
            (socket, "if_nametoindex", lambda name: 5),
            (socket, "socket", self._socket),
        ):
            patch = mock.patch.object(module, name, new)
            patch.start()
            self.addCleanup(patch.stop)
        self.arriving = [multicast_message.build(samples.RUN, 1)]
        self.error: OSError | None = None

    def _socket(self, family: int, kind: int) -> mock.Mock:
        made = mock.MagicMock(spec=_SOCKET)
        made.__enter__.return_value = made
        made.family = family
        messages = list(self.arriving)
        made.recv.side_effect = lambda size: (
            messages.pop() if messages else self._nothing()
        )
        made.sendto.side_effect = self.error
        self.sockets.append(made)
        return made

    @staticmethod
    def _nothing() -> bytes:
        raise BlockingIOError

    def run_probe(self) -> Any:
        return multicast.run(msgspec.to_builtins(_REQUEST), 5, os.getpid())

    def report(self) -> multicast_model.MulticastReport:
        return msgspec.convert(
            self.run_probe(), multicast_model.MulticastReport
        )

    def test_who_is_heard(self) -> None:
        found = self.report()
        self.assertEqual(4, found.lost)
        self.assertEqual(
            ["192.0.2.1", "2001:db8::1"],
            [one.address for one in found.results],
        )
        for one in found.results:
            self.assertEqual((1,), one.heard)
            self.assertEqual((3,), one.arrived)
            self.assertEqual((2, None), (one.sent, one.refused))

    def test_what_is_sent(self) -> None:
        self.report()
        receiver, sender = self.sockets[:2]
        group = multicast_message.group(samples.RUN, 4)
        receiver.bind.assert_called_once_with((group, 9699))
        sender.bind.assert_called_once_with(("192.0.2.1", 0))
        sender.setsockopt.assert_any_call(
            socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1
        )
        self.sockets[3].setsockopt.assert_any_call(
            socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1
        )
        self.assertEqual(2, sender.sendto.call_count)
        sender.sendto.assert_called_with(
            multicast_message.build(samples.RUN, 0), (group, 9699)
        )
        # What it gets must be of its own interface.
        receiver.setsockopt.assert_any_call(
            socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth1\0"
        )

    def test_it_does_not_leave(self) -> None:
        self.error = OSError(1, "Operation not permitted")
        for one in self.report().results:
            self.assertEqual(
                (0, "Operation not permitted"), (one.sent, one.refused)
            )

    def test_cancelled(self) -> None:
        real = stopping.stops

        def stops(token: int, agent: int, stack: contextlib.ExitStack) -> Any:
            found = real(token, agent, stack)
            stopping.cancel(token)
            return found

        with mock.patch.object(stopping, "stops", stops):
            self.assertIsNone(self.run_probe())
