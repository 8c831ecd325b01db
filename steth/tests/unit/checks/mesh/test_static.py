# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import grouping
from steth.checks.mesh import static
from steth.model import finding
from steth.model import host
from steth.model import inventory

_NETWORK = inventory.ExpectedNetwork(name="mgmt", cidrs=("10.0.0.0/16",))


def _link(name: str, kind: str | None = None, **values: Any) -> host.Link:
    """Return a device that works."""
    fields: dict[str, Any] = {
        "index": 2,
        "mtu": 1500,
        "admin_up": True,
        "carrier": True,
        **values,
    }
    return host.Link(name=name, kind=kind, **fields)


def _address(device: str, address: str) -> host.Address:
    text, _, prefix_length = address.partition("/")
    return host.Address(
        address=text,
        prefix_length=int(prefix_length),
        family=6 if ":" in text else 4,
        device=device,
    )


def _causes(
    hosts: dict[str, host.Namespace],
    *networks: inventory.ExpectedNetwork,
) -> list[cause.Cause]:
    """Return what is wrong on the networks, or on those discovered."""
    snapshots = {
        name: host.HostSnapshot(host=name, taken_at="", namespaces=(one,))
        for name, one in hosts.items()
    }
    return [
        one
        for segment in grouping.build(
            snapshots, inventory.Inventory(networks=networks), {}
        )
        for one in static.causes(segment, snapshots)
    ]


def _codes(found: list[cause.Cause]) -> list[tuple[str, str | None]]:
    return [(one.entry.code, one.host) for one in found]


class DuplicatesTestCase(unittest.TestCase):
    """Addresses of several hosts, where others can get to know of them."""

    def _hosts(
        self, more: host.Link, address: str, prefix_length: int = 16
    ) -> dict[str, host.Namespace]:
        """Return hosts with a device more each, with the same address."""
        return {
            f"h{n}": host.Namespace(
                links=(more, _link("eth0")),
                addresses=(
                    _address(more.name, address),
                    _address("eth0", f"10.0.0.{n}/{prefix_length}"),
                ),
            )
            for n in (1, 2, 3)
        }

    def test_devices_that_lead_nowhere(self) -> None:
        for more, address in (
            (
                _link("kube-ipvs0", "dummy", admin_up=False, carrier=None),
                "10.0.0.200/32",
            ),
            (_link("dummy0", "dummy"), "10.0.0.200/32"),
            (_link("virbr0", "bridge", carrier=False), "10.0.122.1/24"),
        ):
            with self.subTest(device=more.name):
                self.assertEqual(
                    [], _causes(self._hosts(more, address), _NETWORK)
                )

    def test_on_interfaces(self) -> None:
        """A virtual address that two keepalived hold at once, say."""
        for address in ("10.0.0.200/32", "10.0.0.200/16"):
            with self.subTest(address=address):
                (found,) = _causes(
                    self._hosts(_link("eth1"), address), _NETWORK
                )
                self.assertEqual(
                    "underlay-address-duplicate", found.entry.code
                )
                self.assertIn("h1, h2, h3", found.summary)

    def test_own_address_lost_beside_a_service(self) -> None:
        hosts = self._hosts(_link("dummy0", "dummy"), "10.0.0.200/32")
        hosts["h2"] = host.Namespace(
            links=hosts["h2"].links, addresses=hosts["h2"].addresses[:1]
        )
        self.assertEqual(
            [("host-address-missing", "h2")], _codes(_causes(hosts, _NETWORK))
        )


class AbsentTestCase(unittest.TestCase):
    """What keeps a host's addresses away."""

    def test_no_ipv6(self) -> None:
        network = inventory.ExpectedNetwork(name="n", cidrs=("2001:db8::/64",))
        for value, sources in (
            ("0", ["addresses (netlink)"]),
            (
                "1",
                [
                    "addresses (netlink)",
                    "sysctl net.ipv6.conf.all.disable_ipv6",
                ],
            ),
        ):
            (found,) = _causes(
                {
                    "h1": host.Namespace(
                        links=(_link("eth0"),),
                        addresses=(_address("eth0", "2001:db8::1/64"),),
                    ),
                    "h2": host.Namespace(
                        links=(_link("eth0"),),
                        sysctls={"net.ipv6.conf.all.disable_ipv6": value},
                    ),
                },
                network,
            )
            self.assertEqual(
                ("host-address-missing", sources),
                (found.entry.code, [one.source for one in found.evidence]),
            )


class RoutedTestCase(unittest.TestCase):
    """Hosts that routes lead to: nothing is wrong with their addresses."""

    def _causes(
        self, device: host.Link, mtu: int | None = None
    ) -> list[cause.Cause]:
        return _causes(
            {
                f"h{n}": host.Namespace(
                    links=(device,),
                    addresses=(
                        _address(device.name, f"10.0.0.{n}/32"),
                        _address(device.name, f"2001:db8::{n}/128"),
                    ),
                )
                for n in (1, 2, 3)
            },
            inventory.ExpectedNetwork(
                name="mgmt", cidrs=("10.0.0.0/24", "2001:db8::/64"), mtu=mtu
            ),
        )

    def test_prefix(self) -> None:
        for device in (
            _link("ens4"),
            _link("dummy0", "dummy"),
            _link("lo", loopback=True, mtu=65536),
        ):
            with self.subTest(device=device.name):
                self.assertEqual([], self._causes(device))

    def test_mtu_is_not_that_of_what_holds_the_address(self) -> None:
        self.assertEqual([], self._causes(_link("dummy0", "dummy"), 9000))
        found = self._causes(_link("ens4"), 9000)
        self.assertEqual({"host-mtu-small"}, {one.entry.code for one in found})


class InternalPortTestCase(unittest.TestCase):
    """Addresses on a port of Open vSwitch, which has carrier for ever."""

    def _causes(
        self, nics: dict[str, dict[str, Any]], *, known: bool = True
    ) -> list[cause.Cause]:
        """Return what is wrong on h1, with such NICs in its br-ex."""
        namespace = host.Namespace(
            links=(
                _link("br-ex", "openvswitch"),
                *(
                    _link(name, **{"master": "ovs-system", **values})
                    for name, values in nics.items()
                ),
            ),
            addresses=(_address("br-ex", "10.0.0.1/16"),),
        )
        snapshots = {
            "h1": host.HostSnapshot(
                host="h1", taken_at="", namespaces=(namespace,)
            )
        }
        (segment,) = grouping.build(
            snapshots, inventory.Inventory(networks=(_NETWORK,)), {}
        )
        internal = {"h1": {"br-ex": frozenset(nics)}} if known else {}
        return static.causes(segment, snapshots, internal)

    def test_no_nic_works(self) -> None:
        gone = {"carrier": False}
        (found,) = self._causes({"em1": gone})
        self.assertEqual(
            ("underlay-no-carrier", "em1"), (found.entry.code, found.device)
        )
        self.assertIn("em1, which br-ex needs", found.summary)
        (found,) = self._causes({"em1": {"admin_up": False, "carrier": None}})
        self.assertEqual("host-interface-down", found.entry.code)

    def test_one_nic_works_or_nothing_is_known(self) -> None:
        gone = {"carrier": False}
        self.assertEqual([], self._causes({"em1": gone, "em2": {}}))
        self.assertEqual([], self._causes({"em1": gone}, known=False))
        self.assertEqual([], self._causes({}))


class ClaimedTestCase(unittest.TestCase):
    """Addresses whose duplicate the kernel has detected."""

    def _hosts(self, address: str) -> dict[str, host.Namespace]:
        """Return hosts of which the second gave up its address."""
        hosts = {
            f"h{n}": host.Namespace(
                links=(_link("eth0"),),
                addresses=(_address("eth0", f"2001:db8::{n}/64"),),
            )
            for n in (1, 2, 3)
        }
        lost = msgspec.structs.replace(
            _address("eth0", address), flags=("dadfailed", "tentative")
        )
        hosts["h2"] = host.Namespace(links=(_link("eth0"),), addresses=(lost,))
        return hosts

    def test_by_a_machine_without_an_agent(self) -> None:
        network = inventory.ExpectedNetwork(name="n", cidrs=("2001:db8::/64",))
        for networks in ((), (network,)):
            (found,) = _causes(self._hosts("2001:db8::2/64"), *networks)
            self.assertEqual(
                [("underlay-address-duplicate", "h2")], _codes([found])
            )
            self.assertIn("another machine", found.summary)

    def test_by_a_host(self) -> None:
        hosts = self._hosts("2001:db8::1/64")
        del hosts["h3"]
        (found,) = _causes(hosts)
        self.assertEqual(
            [("underlay-address-duplicate", "h2")], _codes([found])
        )
        self.assertEqual(["h2", "h1"], [one.host for one in found.evidence])

    def test_still_looking_for_a_duplicate(self) -> None:
        hosts = self._hosts("2001:db8::2/64")
        (address,) = hosts["h2"].addresses
        address = msgspec.structs.replace(address, flags=("tentative",))
        for carrier, codes in (
            (True, []),
            (False, [("underlay-no-carrier", "h2")]),
        ):
            hosts["h2"] = host.Namespace(
                links=(_link("eth0", carrier=carrier),), addresses=(address,)
            )
            self.assertEqual(codes, _codes(_causes(hosts)))


class UnpluggedTestCase(unittest.TestCase):
    """A host that lost its address with the carrier, on no known network."""

    def _hosts(
        self, members: int, **others: host.Link
    ) -> dict[str, host.Namespace]:
        """Return so many hosts with eno2 on a network, and others."""
        hosts = {
            f"h{n}": host.Namespace(
                links=(_link("eno2"),),
                addresses=(_address("eno2", f"10.0.1.{n}/24"),),
            )
            for n in range(1, members + 1)
        }
        for name, link in others.items():
            hosts[name] = host.Namespace(links=(link,))
        return hosts

    def test_lost(self) -> None:
        gone = _link("eno2", carrier=False, carrier_changes=3)
        (found,) = _causes(self._hosts(3, x=gone))
        self.assertEqual([("underlay-no-carrier", "x")], _codes([found]))
        self.assertEqual(
            (finding.Severity.WARNING, finding.Confidence.POSSIBLE),
            (found.entry.severity, found.confidence),
        )

    def test_what_may_be_meant(self) -> None:
        gone = _link("eno2", carrier=False, carrier_changes=3)
        for why, members, others in (
            ("too few to tell", 2, {"x": gone}),
            ("as many without", 3, {"x": gone, "y": gone}),
            ("never plugged", 3, {"x": _link("eno2", carrier=False)}),
            (
                "not used",
                3,
                {"x": _link("eno2", admin_up=False, carrier=None)},
            ),
            (
                "a port of Open vSwitch",
                3,
                {"x": msgspec.structs.replace(gone, master="ovs-system")},
            ),
            ("another use of it", 3, {"x": gone, "y": _link("eno2")}),
        ):
            with self.subTest(why):
                self.assertEqual([], _causes(self._hosts(members, **others)))

    def test_another_network(self) -> None:
        hosts = self._hosts(3)
        hosts["x"] = host.Namespace(
            links=(_link("eno2", carrier=False, carrier_changes=3),),
            addresses=(_address("eno2", "10.0.7.1/24"),),
        )
        self.assertEqual([], _causes(hosts))
