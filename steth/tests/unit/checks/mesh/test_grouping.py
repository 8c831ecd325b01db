# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.checks.mesh import grouping
from steth.checks.mesh import segments
from steth.model import host
from steth.model import inventory


def _snapshot(*nics: dict[str, object]) -> host.HostSnapshot:
    """Return a snapshot of links, each with what is given of it."""
    links, addresses = [], []
    for index, nic in enumerate(nics):
        device = str(nic["name"])
        links.append(
            host.Link(
                name=device,
                index=index,
                mtu=int(str(nic.get("mtu", 1500))),
                admin_up=not nic.get("down"),
                carrier=None if nic.get("down") else True,
                kind=str(nic["kind"]) if "kind" in nic else None,
                master=str(nic["master"]) if "master" in nic else None,
                loopback=device == "lo",
            )
        )
        for one in str(nic.get("addresses", "")).split():
            address, _, prefix = one.partition("/")
            addresses.append(
                host.Address(
                    address=address,
                    prefix_length=int(prefix),
                    family=6 if ":" in address else 4,
                    device=device,
                )
            )
    return host.HostSnapshot(
        host="",
        taken_at="",
        namespaces=(
            host.Namespace(links=tuple(links), addresses=tuple(addresses)),
        ),
    )


def _discovered(
    snapshots: dict[str, host.HostSnapshot],
) -> dict[str, list[str]]:
    return {
        one.name: [member.address for member in one.members]
        for one in grouping.build(snapshots, inventory.Inventory(), {})
    }


class DiscoveredTestCase(unittest.TestCase):
    """Networks out of the hosts' own addresses."""

    def test_grouped_by_subnet_in_both_versions(self) -> None:
        found = _discovered(
            {
                name: _snapshot(
                    {"name": "lo", "addresses": "127.0.0.1/8 ::1/128"},
                    {
                        "name": "eth0",
                        "addresses": f"10.0.0.{n}/24 2001:db8::{n}/64 "
                        f"fe80::{n}/64 169.254.0.{n}/16",
                    },
                )
                for n, name in ((1, "a"), (2, "b"))
            }
        )
        self.assertEqual(
            {
                "10.0.0.0/24": ["10.0.0.1", "10.0.0.2"],
                "2001:db8::/64": ["2001:db8::1", "2001:db8::2"],
            },
            found,
        )

    def test_a_network_of_one_host_is_none(self) -> None:
        self.assertEqual(
            {},
            _discovered(
                {
                    "a": _snapshot({"name": "e", "addresses": "10.0.0.1/24"}),
                    "b": _snapshot({"name": "e", "addresses": "10.9.0.1/24"}),
                }
            ),
        )

    def test_what_stays_inside_of_a_host_is_none(self) -> None:
        self.assertEqual(
            {},
            _discovered(
                {
                    name: _snapshot(
                        {
                            "name": "docker0",
                            "kind": "bridge",
                            "addresses": f"172.17.0.{n}/16",
                        },
                        {"name": "v1", "kind": "veth", "master": "docker0"},
                        {
                            "name": "wg0",
                            "kind": "wireguard",
                            "addresses": f"10.8.0.{n}/24",
                        },
                        {"name": "eth0", "addresses": f"10.7.0.{n}/32"},
                    )
                    for n, name in ((1, "a"), (2, "b"))
                }
            ),
        )

    def test_a_bridge_over_a_nic_leads_outside(self) -> None:
        found = _discovered(
            {
                name: _snapshot(
                    {
                        "name": "br-ex",
                        "kind": "bridge",
                        "addresses": f"10.0.0.{n}/24",
                    },
                    {"name": "eth0", "master": "br-ex"},
                )
                for n, name in ((1, "a"), (2, "b"))
            }
        )
        self.assertEqual(["10.0.0.0/24"], list(found))

    def test_overlap_on_another_device_is_another_network(self) -> None:
        found = _discovered(
            {
                "a": _snapshot({"name": "e0", "addresses": "10.0.1.1/24"}),
                "b": _snapshot({"name": "e0", "addresses": "10.0.1.2/24"}),
                "c": _snapshot({"name": "x9", "addresses": "10.0.0.1/16"}),
                "d": _snapshot({"name": "x9", "addresses": "10.0.0.2/16"}),
            }
        )
        self.assertEqual({"10.0.1.0/24", "10.0.0.0/16"}, set(found))


class ConfiguredTestCase(unittest.TestCase):
    """Networks that the inventory names."""

    def _build(
        self, network: inventory.ExpectedNetwork
    ) -> tuple[segments.Segment, ...]:
        return grouping.build(
            {
                "a": _snapshot({"name": "e1", "addresses": "10.0.1.1/24"}),
                "b": _snapshot({"name": "e1", "addresses": "10.0.2.1/24"}),
                "c": _snapshot({"name": "e1"}),
            },
            inventory.Inventory(networks=(network,)),
            {"d": "10.0.2.9", "e": "d.example.org", "f": None},
        )

    def test_several_subnets_and_the_absent(self) -> None:
        (one,) = self._build(
            inventory.ExpectedNetwork(
                name="n", cidrs=("10.0.1.0/24", "10.0.2.0/24"), mtu=9000
            )
        )
        self.assertEqual(
            ["a", "b", "d"], [member.host for member in one.members]
        )
        self.assertEqual(["a", "b"], [member.host for member in one.sources])
        self.assertEqual(9000, one.mtu)
        self.assertEqual(
            [segments.Absent(host="c", device="e1", configured=False)],
            list(one.absent),
        )

    def test_the_subnet_of_an_address(self) -> None:
        (one,) = self._build(
            inventory.ExpectedNetwork(
                name="n", cidrs=("10.0.1.0/24", "10.0.0.0/16", "10.0.2.0/24")
            )
        )
        for address, subnet in (
            ("10.0.1.9", "10.0.1.0/24"),
            ("10.0.2.9", "10.0.2.0/24"),
            ("10.0.3.9", "10.0.0.0/16"),
            ("10.1.0.9", None),
            ("2001:db8::1", None),
        ):
            self.assertEqual(subnet, one.subnet(address))

    def test_hosts_that_need_not_be_there(self) -> None:
        (one,) = self._build(
            inventory.ExpectedNetwork(
                name="n", cidrs=("10.0.1.0/24",), hosts=("a", "c")
            )
        )
        self.assertEqual(["c"], [absent.host for absent in one.absent])

    def test_configured_interface(self) -> None:
        (one,) = self._build(
            inventory.ExpectedNetwork(
                name="n",
                cidrs=("10.0.1.0/24",),
                interfaces={"*": "eth5", "c": "eth6"},
            )
        )
        self.assertEqual(
            {"b": "eth5", "c": "eth6"},
            {absent.host: absent.device for absent in one.absent},
        )

    def test_both_versions_are_two_segments(self) -> None:
        found = self._build(
            inventory.ExpectedNetwork(
                name="n", cidrs=("10.0.0.0/16", "2001:db8::/64")
            )
        )
        self.assertEqual(["n IPv4", "n IPv6"], [one.name for one in found])


class AddressesTestCase(unittest.TestCase):
    """Which addresses are a host's own on a configured network."""

    def _members(
        self, *cidrs: str, **nics: list[Any]
    ) -> dict[str, segments.Member]:
        network = inventory.ExpectedNetwork(name="n", cidrs=cidrs)
        (one,) = grouping.build(
            {host: _snapshot(*of_host) for host, of_host in nics.items()},
            inventory.Inventory(networks=(network,)),
            {},
        )
        return {member.host: member for member in one.members}

    def test_services_on_devices_that_lead_nowhere(self) -> None:
        """As kube-proxy's in IPVS mode, and those of LVS's real servers."""
        for dummy in ({"down": True}, {}):
            found = self._members(
                "10.0.0.0/24",
                **{
                    host: [
                        {
                            "name": "dummy0",
                            "kind": "dummy",
                            "addresses": "10.0.0.200/32",
                            **dummy,
                        },
                        *(
                            [{"name": "e0", "addresses": f"10.0.0.{n}/24"}]
                            if host != "c"
                            else []
                        ),
                    ]
                    for n, host in enumerate("abc", 1)
                },
            )
            # Of the service alone no host can be known.
            self.assertEqual(
                {"a": ("10.0.0.1", ()), "b": ("10.0.0.2", ())},
                {
                    host: (one.address, one.others)
                    for host, one in found.items()
                },
            )

    def test_bridge_of_instances_within_the_network(self) -> None:
        """The bridge that libvirt makes, and a subnet a rack."""
        found = self._members(
            "192.168.0.0/16",
            **{
                host: [
                    {
                        "name": "virbr0",
                        "kind": "bridge",
                        "addresses": "192.168.122.1/24",
                    },
                    {"name": "e0", "addresses": f"192.168.{n}.5/24"},
                ]
                for n, host in enumerate("ab", 1)
            },
        )
        self.assertEqual(
            [("192.168.1.5", ()), ("192.168.2.5", ())],
            [(one.address, one.others) for one in found.values()],
        )

    def test_what_is_announced_beside_the_main_address(self) -> None:
        found = self._members(
            "10.0.0.0/24",
            a=[
                {"name": "e0", "addresses": "10.0.0.1/24 10.0.0.9/32"},
                {"name": "e1", "addresses": "10.0.0.7/24", "down": True},
            ],
        )
        self.assertEqual(("10.0.0.9",), found["a"].others)

    def test_the_loopback_device(self) -> None:
        """As where each host speaks BGP, and all serve one more address."""
        found = self._members(
            "10.0.0.0/24",
            **{
                host: [
                    {
                        "name": "lo",
                        "mtu": 65536,
                        "addresses": f"127.0.0.1/8 ::1/128 10.0.0.100/32 "
                        f"10.0.0.{n}/32",
                    },
                    {"name": "e0", "mtu": 9000},
                ]
                for n, host in enumerate("ab", 1)
            },
        )
        self.assertEqual(
            [("10.0.0.1", True, ()), ("10.0.0.2", True, ())],
            [(one.address, one.routed, one.others) for one in found.values()],
        )
