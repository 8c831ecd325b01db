# SPDX-License-Identifier: Apache-2.0
"""Tests of reading routes."""

import socket
import struct
import unittest

from steth.agent.inspect import routes
from steth.agent.inspect import rtnetlink
from steth.model import host as host_model
from steth.tests.unit.agent.inspect import messages

_NAMES = {2: "eth0", 3: "eth1"}
_OIF, _GATEWAY, _PRIORITY, _PREFSRC, _MULTIPATH, _TABLE, _VIA = (
    4, 5, 6, 7, 9, 15, 18,
)  # fmt: skip


def _next_hop(index: int, gateway: str) -> bytes:
    inner = messages.attributes({_GATEWAY: socket.inet_aton(gateway)})
    return struct.pack("=HBBi", 8 + len(inner), 0, 0, index) + inner


class RoutesTestCase(unittest.TestCase):
    def test_a_route(self) -> None:
        body = messages.route(
            "10.1.0.0/16",
            more={
                _OIF: messages.number(2),
                _GATEWAY: socket.inet_aton("10.0.0.9"),
                _PREFSRC: socket.inet_aton("10.0.0.1"),
                _PRIORITY: messages.number(100),
            },
        )
        self.assertEqual(
            [
                host_model.Route(
                    destination="10.1.0.0/16",
                    family=4,
                    gateway="10.0.0.9",
                    device="eth0",
                    source="10.0.0.1",
                    metric=100,
                )
            ],
            routes.decode(body, _NAMES),
        )

    def test_default_routes(self) -> None:
        for destination in ("0.0.0.0/0", "::/0"):
            (found,) = routes.decode(
                messages.route(destination, kind=7), _NAMES
            )
            self.assertEqual(destination, found.destination)
            self.assertEqual("unreachable", found.kind)
            self.assertIsNone(found.device)
            self.assertIsNone(found.metric)

    def test_several_next_hops(self) -> None:
        body = messages.route(
            "10.1.0.0/16",
            more={
                _MULTIPATH: _next_hop(2, "10.0.0.8") + _next_hop(3, "10.0.1.8")
            },
        )
        self.assertEqual(
            [("10.0.0.8", "eth0"), ("10.0.1.8", "eth1")],
            [(one.gateway, one.device) for one in routes.decode(body, _NAMES)],
        )

    def test_an_ipv4_route_by_an_ipv6_gateway(self) -> None:
        via = struct.pack("=H", socket.AF_INET6) + socket.inet_pton(
            socket.AF_INET6, "fe80::1"
        )
        (found,) = routes.decode(
            messages.route("10.1.0.0/16", more={_VIA: via}), _NAMES
        )
        self.assertEqual("fe80::1", found.gateway)

    def test_tables(self) -> None:
        low = messages.route("10.1.0.0/16", table=100)
        high = messages.route(
            "10.1.0.0/16", table=0, more={_TABLE: messages.number(1000)}
        )
        self.assertEqual(100, routes.table_of(low))
        self.assertEqual(1000, routes.table_of(high))
        self.assertEqual(1000, routes.decode(high, _NAMES)[0].table)

    def test_what_is_no_route_of_ours(self) -> None:
        cached = messages.route("10.1.0.0/16", flags=0x200)
        self.assertEqual([], routes.decode(cached, _NAMES))
        mpls = rtnetlink.RTMSG.pack(28, 20, 0, 0, 254, 0, 0, 1, 0)
        self.assertEqual([], routes.decode(mpls, _NAMES))

    def test_absurd_next_hops(self) -> None:
        body = messages.route("10.1.0.0/16", more={_MULTIPATH: bytes(12)})
        (found,) = routes.decode(body, _NAMES)
        self.assertIsNone(found.gateway)


class GetTestCase(unittest.TestCase):
    def test_a_request(self) -> None:
        body, attributes = routes.get_request(
            socket.inet_aton("10.1.0.1"), socket.inet_aton("10.0.0.1"), 2
        )
        self.assertEqual((2, 32, 32), tuple(body[:3]))
        self.assertEqual(
            {
                1: socket.inet_aton("10.1.0.1"),
                2: socket.inet_aton("10.0.0.1"),
                _OIF: messages.number(2),
            },
            attributes,
        )
        body, attributes = routes.get_request(bytes(16), b"", 0)
        self.assertEqual((10, 128, 0), tuple(body[:3]))
        self.assertEqual({1: bytes(16)}, attributes)

    def test_the_answer(self) -> None:
        body = messages.route(
            "10.1.0.1/32",
            more={
                _OIF: messages.number(2),
                _GATEWAY: socket.inet_aton("10.0.0.9"),
            },
        )
        self.assertEqual(("unicast", "10.0.0.9", 2), routes.next_hop(body))
