# SPDX-License-Identifier: Apache-2.0
"""``inspect.host`` on real namespaces, made with ip(8)."""

import os
import unittest

import msgspec

from steth.agent.inspect import namespace as namespace_reader
from steth.model import host as host_model
from steth.rpc import contract
from steth.tests.functional import needs
from steth.tests.functional.agent import asking
from steth.tests.functional.agent import namespaces


class HostTestCase(unittest.TestCase):
    """A host with another one on its cable."""

    def setUp(self) -> None:
        needs.root()
        needs.programs("ip", "sysctl", "setpriv")
        self.host = namespaces.Host(self)
        self.other = namespaces.Host(self)
        namespaces.cable(self.host, "eth0", self.other, "eth0", mtu=1450)
        self.host.ip("addr", "add", "10.0.0.1/24", "dev", "eth0")

    def own(self) -> host_model.Namespace:
        """Return the host's own namespace, as its agent sees it."""
        return asking.snapshot(self, self.host, all_namespaces=False).root

    def link(self, name: str) -> host_model.Link:
        """Return one link of the host."""
        found = self.own().link(name)
        assert found is not None, name
        return found

    def test_a_link(self) -> None:
        self.host.ip("link", "set", "eth0", "address", "02:00:00:00:00:01")
        link = self.link("eth0")
        self.assertEqual("02:00:00:00:00:01", link.mac)
        self.assertEqual("veth", link.kind)
        self.assertEqual(1450, link.mtu)
        self.assertTrue(link.admin_up)
        self.assertTrue(link.carrier)
        self.assertEqual("up", link.oper_state)
        self.assertFalse(link.loopback)
        # The other end, in another namespace, is not below it.
        self.assertIsNone(link.parent)
        # What the driver of veth says.
        self.assertEqual((10000, "full"), (link.speed, link.duplex))

    def test_loopback(self) -> None:
        link = self.link("lo")
        self.assertTrue(link.loopback)
        self.assertIsNone(link.kind)

    def test_without_carrier(self) -> None:
        before = self.link("eth0").carrier_changes
        self.other.ip("link", "set", "eth0", "down")
        link = self.link("eth0")
        self.assertTrue(link.admin_up)
        self.assertIs(False, link.carrier)
        self.assertGreater(link.carrier_changes, before)

    def test_administratively_down(self) -> None:
        self.host.ip("link", "set", "eth0", "down")
        link = self.link("eth0")
        self.assertFalse(link.admin_up)
        self.assertIsNone(link.carrier)

    def test_ports_of_a_bridge(self) -> None:
        self.host.ip("link", "add", "br0", "type", "bridge")
        self.host.ip("link", "set", "eth0", "master", "br0")
        self.assertEqual("br0", self.link("eth0").master)
        self.assertEqual("bridge", self.link("br0").kind)

    def test_what_is_below_a_device(self) -> None:
        self.host.ip("link", "add", "up0", "link", "eth0", "type", "macvlan")
        self.assertEqual("eth0", self.link("up0").parent)

    def test_counters(self) -> None:
        before = self.link("eth0").counters
        self.other.ip("addr", "add", "10.0.0.2/24", "dev", "eth0")
        asking.results(self, self.host, {"address": "10.0.0.2", "size": 1000})
        after = self.link("eth0").counters
        self.assertGreaterEqual(after.tx_packets - before.tx_packets, 3)
        self.assertGreaterEqual(after.rx_bytes - before.rx_bytes, 3000)

    def test_addresses(self) -> None:
        self.host.ip("addr", "add", "10.0.0.3/24", "dev", "eth0")
        self.host.ip(
            "addr", "add", "fd00::1/64", "dev", "eth0", "valid_lft", "600",
            "preferred_lft", "0", "nodad",
        )  # fmt: skip
        found = {one.address: one for one in self.own().addresses}
        self.assertEqual((), found["10.0.0.1"].flags)
        self.assertEqual(("secondary",), found["10.0.0.3"].flags)
        self.assertIsNone(found["10.0.0.1"].valid)
        self.assertTrue(570 <= (found["fd00::1"].valid or 0) <= 600)
        self.assertEqual(
            host_model.Address(
                address="fd00::1",
                prefix_length=64,
                family=6,
                device="eth0",
                flags=("nodad", "deprecated", "dynamic"),
                valid=600,
                preferred=0,
            ),
            # Some seconds of it may have passed.
            msgspec.structs.replace(found["fd00::1"], valid=600),
        )
        self.assertEqual("host", found["127.0.0.1"].scope)

    def test_routes(self) -> None:
        for route in (
            "default via 10.0.0.254 metric 50",
            "10.1.0.0/16 nexthop via 10.0.0.7 nexthop via 10.0.0.8",
            "blackhole 10.2.0.0/16",
            "10.3.0.0/16 via 10.0.0.9 src 10.0.0.1 table 1000",
            "10.4.0.0/16 via inet6 fe80::9 dev eth0",
        ):
            self.host.ip("route", "add", *route.split())
        routes = self.own().routes

        def of(destination: str) -> list[host_model.Route]:
            return [one for one in routes if one.destination == destination]

        self.assertEqual(
            [
                host_model.Route(
                    destination="0.0.0.0/0",
                    family=4,
                    gateway="10.0.0.254",
                    device="eth0",
                    metric=50,
                )
            ],
            of("0.0.0.0/0"),
        )
        self.assertEqual(
            ["10.0.0.7", "10.0.0.8"],
            [one.gateway for one in of("10.1.0.0/16")],
        )
        self.assertEqual("blackhole", of("10.2.0.0/16")[0].kind)
        self.assertEqual(1000, of("10.3.0.0/16")[0].table)
        self.assertEqual("10.0.0.1", of("10.3.0.0/16")[0].source)
        self.assertEqual("fe80::9", of("10.4.0.0/16")[0].gateway)
        # The kernel's own, of the table "local", would only be noise.
        self.assertEqual([], of("127.0.0.1/32"))

    def test_neighbours(self) -> None:
        mac = "02:00:00:00:00:09"
        self.host.ip("neigh", "add", "10.0.0.9", "lladdr", mac, "dev", "eth0")
        asking.results(self, self.host, "10.0.0.8")
        found = {one.address: one for one in self.own().neighbours}
        self.assertEqual(
            host_model.Neighbour(
                address="10.0.0.9",
                family=4,
                device="eth0",
                mac=mac,
                state="permanent",
            ),
            found["10.0.0.9"],
        )
        self.assertIn(found["10.0.0.8"].state, {"incomplete", "failed"})
        self.assertIsNone(found["10.0.0.8"].mac)

    def test_named_namespaces(self) -> None:
        self.other.ip("addr", "add", "10.0.0.2/24", "dev", "eth0")
        self.host.sysctl("net.ipv4.ip_forward", 0)
        self.other.sysctl("net.ipv4.ip_forward", 1)
        found = asking.snapshot(self, self.host)
        self.assertEqual("test-host", found.host)
        self.assertEqual(1, sum(not one.name for one in found.namespaces))
        self.assertEqual("0", found.root.sysctls["net.ipv4.ip_forward"])
        (other,) = (
            one for one in found.namespaces if one.name == self.other.name
        )
        self.assertIsNone(other.error)
        self.assertEqual("1", other.sysctls["net.ipv4.ip_forward"])
        link = other.link("eth0")
        assert link is not None
        self.assertEqual((10000, "full"), (link.speed, link.duplex))
        self.assertIn("10.0.0.2", {one.address for one in other.addresses})
        self.assertNotIn("10.0.0.1", {one.address for one in other.addresses})

    def test_a_namespace_that_is_none(self) -> None:
        # As a container leaves them behind; seen on this host only.
        asked = asking.Asked(
            self,
            self.host,
            contract.INSPECT_HOST,
            {},
            prefix=(
                "sh",
                "-c",
                "mount -t tmpfs tmpfs /run/netns && "
                "touch /run/netns/stale '/run/netns/odd name' && "
                'exec "$0" "$@"',
            ),
        )
        found = {one.name: one for one in asked.reply().namespaces}
        self.assertIsNone(found[""].error)
        self.assertIn("/run/netns/stale", found["stale"].error)
        self.assertIn("name", found["odd name"].error)
        self.assertEqual((), found["stale"].links)

    def test_without_privilege(self) -> None:
        needs.nobody()
        asked = asking.Asked(
            self,
            self.host,
            contract.INSPECT_HOST,
            {},
            way="no-such-helper",
            prefix=(
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                # To read the tree, wherever it lies.
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=+dac_read_search",
            ),
        )
        found = asked.reply()
        self.assertIsNotNone(found.root.link("eth0"))
        self.assertIsNone(found.root.error)
        for one in found.namespaces[1:]:
            self.assertIn("[steth_namespace]", one.error)

    def test_more_than_a_snapshot_takes(self) -> None:
        limit = namespace_reader.MAX_ROUTES
        # A table that the kernel dumps before the main one.
        lines = [
            f"route add 20.{n >> 8}.{n & 255}.0/24 dev eth0 table 100"
            for n in range(limit + 10)
        ]
        lines.append("route add 30.0.0.0/24 dev eth0")
        self.host.run(
            "ip", "-batch", "-", given=os.linesep.join(lines) + os.linesep
        )
        found = self.own()
        self.assertEqual(("routes",), found.truncated)
        self.assertEqual(limit, len(found.routes))
        self.assertIn("30.0.0.0/24", {one.destination for one in found.routes})
