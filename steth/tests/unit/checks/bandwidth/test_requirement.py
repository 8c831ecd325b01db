# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

from steth.checks.bandwidth import requirement
from steth.checks.mesh import cause
from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import host
from steth.model import inventory
from steth.model import throughput


def link(name: str = "eth0", **changed: Any) -> host.Link:
    fields: dict[str, Any] = {
        "name": name,
        "index": 2,
        "mtu": 1500,
        "admin_up": True,
    }
    return host.Link(**(fields | changed))


def told(mbits: float, **changed: Any) -> throughput.ThroughputReport:
    return throughput.ThroughputReport(
        protocol=throughput.Protocol.TCP,
        bits_per_second=mbits * 1e6,
        seconds=2.0,
        **changed,
    )


def pair(source: int, target: int) -> cause.Pair:
    return cause.Pair("net", f"c{source}", f"c{target}")


def requirements(
    reports: requirement.Reports,
    *,
    minimum: int | None = None,
    rate: float | None = None,
    **links: host.Link,
) -> requirement.Requirements:
    hosts = {name: links.get(name, link()) for name in ("c1", "c2", "c3")}
    return requirement.Requirements(
        segments.Segment(
            name="net",
            network="net",
            family=4,
            cidrs=("192.0.2.0/24",),
            configured=True,
            mtu=1500,
            mtu_configured=True,
            members=tuple(
                segments.Member(
                    host=name,
                    address=f"192.0.2.{name[1:]}",
                    prefix_length=24,
                    link=one,
                )
                for name, one in hosts.items()
            ),
        ),
        {
            name: host.HostSnapshot(
                host=name,
                taken_at="2026-01-01T00:00:00Z",
                namespaces=(host.Namespace(links=(one,)),),
            )
            for name, one in hosts.items()
        },
        inventory.ExpectedNetwork(
            name="net", cidrs=("192.0.2.0/24",), minimum_bandwidth=minimum
        ),
        reports,
        rate,
        {},
    )


class RequirementsTestCase(unittest.TestCase):
    def test_configured(self) -> None:
        reports = {pair(1, 2): told(99.0), pair(1, 3): told(101.0)}
        found = requirements(reports, minimum=100, c1=link(speed=10_000))
        self.assertEqual({pair(1, 2)}, found.short(reports))
        self.assertEqual(
            "100 Mbit/s (configured minimum)", str(found.of(pair(1, 2)))
        )

    def test_configured_counts_also_where_the_processor_is_busy(self) -> None:
        reports = {pair(1, 2): told(99.0, cpu_percent=100.0)}
        found = requirements(reports, minimum=100)
        self.assertEqual({pair(1, 2)}, found.short(reports))

    def test_speed_of_the_slower(self) -> None:
        reports = {pair(1, 2): told(600.0), pair(1, 3): told(4000.0)}
        found = requirements(
            reports,
            c1=link(speed=10_000),
            c2=link(speed=1000),
            c3=link(speed=10_000),
        )
        self.assertEqual({pair(1, 3)}, found.short(reports))

    def test_speed_that_the_processor_does_not_reach(self) -> None:
        for busy in ({"cpu_percent": 97.0}, {"remote_cpu_percent": 97.0}):
            reports = {pair(1, 2): told(4000.0, **busy)}
            found = requirements(
                reports, c1=link(speed=100_000), c2=link(speed=100_000)
            )
            self.assertFalse(found.short(reports))

    def test_what_is_usual(self) -> None:
        reports = {
            pair(1, 2): told(1000.0),
            pair(2, 1): told(900.0),
            pair(1, 3): told(100.0),
            pair(3, 1): told(400.0),
        }
        found = requirements(reports)
        self.assertEqual({pair(1, 3)}, found.short(reports))

    def test_nothing_is_known(self) -> None:
        reports = {pair(1, 2): told(1.0), pair(2, 1): told(1000.0)}
        found = requirements(reports)
        self.assertIsNone(found.of(pair(1, 2)))
        self.assertFalse(found.short(reports))

    def test_rate(self) -> None:
        reports = {pair(1, 2): told(47.0), pair(2, 1): told(48.0)}
        found = requirements(reports, minimum=100, rate=50.0)
        self.assertEqual({pair(1, 2)}, found.short(reports))


class LinkSpeedTestCase(unittest.TestCase):
    def speed(
        self,
        name: str,
        *links: host.Link,
        internal: lower.Ports = lower.NO_PORTS,
    ) -> int | None:
        namespace = host.Namespace(links=links)
        found = namespace.link(name)
        assert found is not None
        return requirement.link_speed(namespace, found, internal)

    def test_nic(self) -> None:
        self.assertEqual(1000, self.speed("eth0", link(speed=1000)))
        self.assertIsNone(self.speed("eth0", link()))

    def test_nominal(self) -> None:
        self.assertIsNone(self.speed("eth0", link(speed=10_000, kind="veth")))

    def test_vlan_on_a_bond(self) -> None:
        self.assertEqual(
            1000,
            self.speed(
                "bond0.7",
                link("bond0.7", kind="vlan", parent="bond0", speed=11_000),
                link("bond0", kind="bond", speed=11_000),
                link("eth0", master="bond0", speed=10_000),
                link("eth1", master="bond0", speed=1000),
            ),
        )

    def test_bridge_of_open_vswitch(self) -> None:
        links = (
            link("vlan7", kind="vlan", parent="br-ex"),
            link("br-ex", kind="openvswitch", speed=10),
            link("em1", master="ovs-system", speed=25_000),
            link("em2", master="ovs-system", speed=1000),
        )
        self.assertIsNone(self.speed("vlan7", *links))
        internal = {"br-ex": frozenset({"em1"})}
        self.assertEqual(
            25_000, self.speed("vlan7", *links, internal=internal)
        )

    def test_bridge(self) -> None:
        self.assertEqual(
            25_000,
            self.speed(
                "br0",
                link("br0", kind="bridge"),
                link("eth0", master="br0", speed=25_000),
                link("tap0", kind="tun", master="br0", speed=10),
            ),
        )

    def test_parent_elsewhere(self) -> None:
        self.assertIsNone(
            self.speed("eth0.7", link("eth0.7", kind="vlan", parent="eth0"))
        )
