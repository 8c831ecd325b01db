# SPDX-License-Identifier: Apache-2.0
"""Tests of ``probe.packet_send``, without the privileged process."""

import threading
from typing import Any
import unittest
from unittest import mock

from steth.agent.inspect import named
from steth.agent.inspect import namespace
from steth.agent.privileged import packets as privileged_packets
from steth.agent.probe import icmp
from steth.agent.probe import packet
from steth.agent.probe import packet_frames
from steth.model import host
from steth.model import packet as packet_model
from steth.rpc import errors
from steth.rpc import requests

_SPACE = host.Namespace(
    links=(
        host.Link(
            name="eth0",
            index=2,
            mtu=1500,
            admin_up=True,
            mac="02:00:00:00:00:01",
        ),
    ),
    addresses=(
        host.Address(
            address="192.0.2.1", prefix_length=24, family=4, device="eth0"
        ),
    ),
    routes=(host.Route(destination="192.0.2.0/24", family=4, device="eth0"),),
)
_NEIGHBOUR = host.Neighbour(
    address="192.0.2.2",
    family=4,
    device="eth0",
    mac="02:00:00:00:00:02",
    state="reachable",
)
_KNOWING = host.Namespace(
    links=_SPACE.links,
    addresses=_SPACE.addresses,
    routes=_SPACE.routes,
    neighbours=(_NEIGHBOUR,),
)


def _request(**changed: Any) -> requests.PacketSend:
    given: dict[str, Any] = {
        "interface": "eth0",
        "frame": requests.Frame(protocol="dhcp"),
    }
    return requests.PacketSend(**(given | changed))


class SendTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.sent = self.patch(privileged_packets, "send")
        self.sent_inside = self.patch(privileged_packets, "send_inside")
        for one in (self.sent, self.sent_inside):
            one.side_effect = self.take_all
        self.read = self.patch(namespace, "read")
        self.read.return_value = _SPACE
        self.read_named = self.patch(named, "read")
        self.read_named.return_value = _SPACE
        self.ping = self.patch(icmp, "probe")
        self.cancelled = mock.Mock()
        self.cancelled.wait.return_value = False

    def take_all(self, *arguments: Any) -> tuple[int, int, str | None]:
        """Stand for an interface that takes all frames."""
        return len(arguments[-2]), 0, None

    def patch(self, module: Any, name: str) -> mock.Mock:
        patched = mock.patch.object(module, name, autospec=True)
        self.addCleanup(patched.stop)
        return patched.start()

    def send(
        self, rate: int = 1000, **changed: Any
    ) -> packet_model.PacketsSent:
        return packet.send(_request(**changed), rate, self.cancelled)

    def assert_fails(self, said: str, **changed: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said):
            self.send(**changed)

    def test_parts_of_a_second(self) -> None:
        found = self.send(count=5, interval=0.2)
        self.assertEqual(
            [2, 2, 1], [len(one.args[1]) for one in self.sent.call_args_list]
        )
        self.assertEqual(
            [0.2, 0.2, 0.0], [one.args[2] for one in self.sent.call_args_list]
        )
        self.assertEqual((5, 0), (found.sent, found.refused))
        self.assertEqual(
            {
                "source_mac": "02:00:00:00:00:01",
                "destination_mac": "ff:ff:ff:ff:ff:ff",
            },
            found.filled,
        )

    def test_the_agents_pace(self) -> None:
        found = self.send(rate=100, count=50, interval=0.0)
        self.assertEqual(0.01, found.interval)
        self.assertEqual(
            [40, 10], [len(one.args[1]) for one in self.sent.call_args_list]
        )

    def test_parts_of_no_more_bytes_than_a_call_sends(self) -> None:
        for length, count, rate, parts in (
            (60_000, 100, 1000, [66, 34]),
            (1514, 5000, 10_000, [2642, 2358]),
        ):
            self.sent.reset_mock()
            with mock.patch.object(
                packet_frames,
                "read",
                autospec=True,
                return_value=[bytes(length)],
            ):
                found = self.send(
                    rate, frame=None, file=b"x", count=count, interval=0.0
                )
            self.assertEqual(
                parts, [len(one.args[1]) for one in self.sent.call_args_list]
            )
            self.assertEqual(count, found.sent)

    def test_refused(self) -> None:
        self.sent.side_effect = [(2, 1, "Message too long"), (2, 0, None)]
        found = self.send(count=4)
        self.assertEqual(
            (3, 1, "Message too long"),
            (found.sent, found.refused, found.reason),
        )

    def test_it_goes_on_where_the_interface_had_no_room(self) -> None:
        self.sent.side_effect = [(3, 0, "no room"), (3, 0, None)]
        with mock.patch.object(
            packet_frames,
            "read",
            autospec=True,
            return_value=[bytes(60), bytes(70)],
        ):
            found = self.send(
                rate=100, frame=None, file=b"x", count=3, interval=0.0
            )
        self.assertEqual(
            [[60, 70] * 3, [70, 60, 70]],
            [list(map(len, one.args[1])) for one in self.sent.mock_calls[:2]],
        )
        self.assertEqual((6, 0), (found.sent, found.refused))

    def test_dry_run(self) -> None:
        found = self.send(count=5, dry_run=True)
        self.assertEqual(0, found.sent)
        self.assertIn("DHCP Discover", found.frames[0])
        self.sent.assert_not_called()

    def test_file(self) -> None:
        with mock.patch.object(
            packet_frames,
            "read",
            autospec=True,
            return_value=[bytes(60), bytes(70)],
        ):
            found = self.send(frame=None, file=b"x", count=2, interval=0.0)
        self.assertEqual(
            [60, 70, 60, 70], list(map(len, self.sent.call_args.args[1]))
        )
        self.assertEqual(
            (2, 130, 4), (found.packets, found.length, found.sent)
        )

    def test_inside(self) -> None:
        self.send(netns="qrouter-1")
        self.read_named.assert_called_once_with("qrouter-1")
        self.assertEqual(
            ("qrouter-1", "eth0"), self.sent_inside.call_args.args[:2]
        )
        self.sent.assert_not_called()

    def test_a_neighbour_that_is_known(self) -> None:
        self.read.return_value = _KNOWING
        found = self.to_neighbour()
        self.assertEqual(_NEIGHBOUR.mac, found.filled["destination_mac"])
        self.ping.assert_not_called()

    def test_a_neighbour_that_is_asked(self) -> None:
        self.read.side_effect = [_SPACE, _KNOWING]
        found = self.to_neighbour()
        self.assertEqual(_NEIGHBOUR.mac, found.filled["destination_mac"])
        (target,) = self.ping.call_args.args[0].targets
        self.assertEqual(
            ("192.0.2.2", "eth0"), (target.address, target.device)
        )

    def test_a_dry_run_asks_no_neighbour(self) -> None:
        found = self.to_neighbour(dry_run=True)
        self.ping.assert_not_called()
        self.sent.assert_not_called()
        self.assertEqual("192.0.2.2", found.sought)
        self.assertNotIn("destination_mac", found.filled)
        self.assertRegex(found.frames[0], "^02:.* > MAC of 192.0.2.2: IP")

    def test_a_dry_run_knows_what_the_kernel_knows(self) -> None:
        self.read.return_value = _KNOWING
        found = self.to_neighbour(dry_run=True)
        self.assertIsNone(found.sought)
        self.assertEqual(_NEIGHBOUR.mac, found.filled["destination_mac"])

    def test_a_neighbour_that_is_silent(self) -> None:
        with self.assertRaisesRegex(errors.OperationError, "not resolve"):
            self.to_neighbour()

    def to_neighbour(self, **changed: Any) -> packet_model.PacketsSent:
        return self.send(
            frame=requests.Frame(protocol="icmp", destination="192.0.2.2"),
            **changed,
        )

    def test_mistakes(self) -> None:
        for changed, said in (
            (
                {"interface": "eht0"},
                "'eht0'; did you mean 'eth0'",
            ),
            ({"count": 1000, "interval": 0.2}, "interval: 200 seconds in all"),
        ):
            self.assert_fails(said, **changed)
        with mock.patch.object(
            packet_frames,
            "read",
            autospec=True,
            return_value=[bytes(9000)] * 1000,
        ):
            for count, said in ((11, "count: 11000 packets"), (6, "bytes in")):
                self.assert_fails(
                    said, frame=None, file=b"x", count=count, interval=0.0
                )

    def test_without_the_privilege(self) -> None:
        for one, netns, section in (
            (self.sent, None, "steth_probe"),
            (self.sent_inside, "a", "steth_namespace_probe"),
        ):
            one.side_effect = PermissionError(1, "no")
            self.assert_fails(rf"\[{section}\] helper_command", netns=netns)

    def test_stopped(self) -> None:
        event = threading.Event()
        event.set()
        with self.assertRaisesRegex(errors.OperationError, "after 0 frames"):
            packet.send(_request(count=5), 1000, event)

    def test_the_kernel_does_not_answer(self) -> None:
        self.read.side_effect = TimeoutError("timed out")
        self.assert_fails("timed out")
