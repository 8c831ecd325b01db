# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.agent.probe import packet_defaults
from steth.model import host
from steth.rpc import errors
from steth.rpc import requests

_BROADCAST = "ff:ff:ff:ff:ff:ff"


def _address(
    address: str, length: int, device: str = "eth0", scope: str = "global"
) -> host.Address:
    return host.Address(
        address=address,
        prefix_length=length,
        family=6 if ":" in address else 4,
        device=device,
        scope=scope,
    )


def _route(
    destination: str,
    gateway: str | None = None,
    device: str = "eth0",
    kind: str = "unicast",
) -> host.Route:
    return host.Route(
        destination=destination,
        family=6 if ":" in destination else 4,
        gateway=gateway,
        device=device,
        kind=kind,
    )


_LINK = host.Link(
    name="eth0", index=2, mtu=1500, admin_up=True, mac="02:00:00:00:00:01"
)
_SPACE = host.Namespace(
    links=(_LINK,),
    addresses=(
        _address("198.51.100.1", 24),
        _address("192.0.2.1", 24),
        _address("203.0.113.1", 24, device="eth1"),
        _address("fe80::1", 64, scope="link"),
        _address("2001:db8::1", 64),
    ),
    routes=(
        _route("0.0.0.0/0", gateway="192.0.2.254"),
        _route("192.0.2.0/24"),
        _route("10.0.0.0/8", gateway="192.0.2.7"),
        _route("10.1.0.0/16", kind="blackhole"),
        _route("172.16.0.0/12", gateway="203.0.113.9", device="eth1"),
        _route("2001:db8::/64"),
        _route("fe80::/64"),
    ),
)


class FillTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.asked: list[str] = []
        self.mac: str | None = "02:00:00:00:00:99"

    def resolve(self, address: str) -> str | None:
        self.asked.append(address)
        return self.mac

    def fill(
        self,
        link: host.Link = _LINK,
        space: host.Namespace = _SPACE,
        **parts: Any,
    ) -> requests.Frame:
        if "destination" in parts:
            parts = {"protocol": "icmp"} | parts
        return packet_defaults.fill(
            requests.Frame(**parts), link, space, self.resolve
        )

    def assert_unknown(self, argument: str, said: str, **parts: Any) -> None:
        with self.assertRaisesRegex(errors.OperationError, said) as caught:
            self.fill(**parts)
        self.assertEqual(argument, caught.exception.argument)

    def test_what_is_given_stays(self) -> None:
        given: dict[str, Any] = {
            "source": "192.0.2.77",
            "source_mac": "02:00:00:00:00:07",
            "destination": "192.0.2.2",
            "destination_mac": "02:00:00:00:00:08",
        }
        found = self.fill(**given)
        self.assertEqual(given, {name: getattr(found, name) for name in given})
        self.assertEqual([], self.asked)

    def test_source(self) -> None:
        for destination, source in (
            ("192.0.2.2", "192.0.2.1"),
            ("198.51.100.9", "198.51.100.1"),
            ("8.8.8.8", "198.51.100.1"),
            ("2001:db8::9", "2001:db8::1"),
            ("fe80::9", "fe80::1"),
        ):
            with self.subTest(destination=destination):
                found = self.fill(
                    destination=destination, destination_mac=_BROADCAST
                )
                self.assertEqual(source, found.source)
                self.assertEqual(_LINK.mac, found.source_mac)

    def test_next_hop(self) -> None:
        for destination, hop in (
            ("192.0.2.2", "192.0.2.2"),
            ("10.0.0.1", "192.0.2.7"),
            ("8.8.8.8", "192.0.2.254"),
            ("172.16.0.1", "192.0.2.254"),
            ("2001:db8::9", "2001:db8::9"),
        ):
            with self.subTest(destination=destination):
                self.asked.clear()
                found = self.fill(destination=destination)
                self.assertEqual([hop], self.asked)
                self.assertEqual(self.mac, found.destination_mac)

    def test_without_a_neighbour(self) -> None:
        for parts, mac in (
            ({"protocol": "dhcp"}, _BROADCAST),
            ({"ethertype": 0x88B5}, _BROADCAST),
            ({"protocol": "arp", "destination": "192.0.2.2"}, _BROADCAST),
            ({"destination": "255.255.255.255"}, _BROADCAST),
            ({"destination": "192.0.2.255"}, _BROADCAST),
            ({"destination": "224.129.2.3"}, "01:00:5e:01:02:03"),
            ({"destination": "ff02::1:2"}, "33:33:00:01:00:02"),
        ):
            with self.subTest(parts=parts):
                self.assertEqual(mac, self.fill(**parts).destination_mac)
        self.assertEqual([], self.asked)

    def test_an_arp_reply_goes_to_who_asked(self) -> None:
        self.fill(
            protocol="arp", arp_operation="reply", destination="192.0.2.2"
        )
        self.assertEqual(["192.0.2.2"], self.asked)

    def test_arp_without_an_address(self) -> None:
        found = self.fill(
            space=host.Namespace(), protocol="arp", destination="192.0.2.2"
        )
        self.assertEqual("0.0.0.0", found.source)

    def test_what_cannot_be_found(self) -> None:
        bare = host.Namespace()
        self.assert_unknown(
            "source", "eth0 has no IPv4 address: give it",
            space=bare, destination="192.0.2.2",
        )  # fmt: skip
        self.assert_unknown(
            "destination_mac", "no route leads to 192.0.2.2 by eth0",
            space=bare, destination="192.0.2.2", source="192.0.2.1",
        )  # fmt: skip
        self.assert_unknown(
            "destination_mac", "not looked for in the frame's VLAN",
            destination="192.0.2.2", vlans=(requests.VlanTag(id=7),),
        )  # fmt: skip
        self.mac = None
        self.assert_unknown(
            "destination_mac", "192.0.2.254 does not resolve on eth0",
            destination="8.8.8.8",
        )  # fmt: skip
        tunnel = host.Link(name="wg0", index=3, mtu=1420, admin_up=True)
        self.assert_unknown(
            "source_mac", "wg0 has no MAC", link=tunnel, protocol="dhcp"
        )
