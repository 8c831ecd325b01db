# SPDX-License-Identifier: Apache-2.0
"""Each fault of simulated hosts is found once; healthy ones are silent."""

from typing import Any
import unittest

import msgspec

from steth.checks import base
from steth.checks.host import check
from steth.model import bridge
from steth.model import host
from steth.model import inventory
from steth.model import node
from steth.model import report
from steth.tests.unit.checks.host import simulation


def _run(
    hosts: simulation.Hosts,
    expected: inventory.Inventory | None = None,
    **options: Any,
) -> base.CheckOutcome:
    return check.HostCheck(hosts.pause).run(
        base.Context(
            fleet=hosts,
            inventory=expected or inventory.Inventory(),
            options=base.Options(**options),
        )
    )


def _counting(name: str, **counters: int) -> simulation.Change:
    """Count on eth0 of one host from its second reading to the third."""

    def change(
        host_name: str, reading: int, found: tuple[host.Namespace, ...]
    ) -> tuple[host.Namespace, ...]:
        grown = {"rx_packets": 1000, "tx_packets": 1000, **counters}
        values = {
            one: (10_000 + count if reading == 2 else 10_000)
            for one, count in grown.items()
            if host_name == name or one.endswith("packets")
        }
        return (
            simulation.with_link(
                found[0], "eth0", counters=host.Counters(**values)
            ),
            *found[1:],
        )

    return change


_NOT_MADE = bridge.Bridge(
    name="br-ex", kind=bridge.BridgeKind.OPEN_VSWITCH, datapath="system"
)


def _bond(*members: node.BondMember) -> node.Bond:
    return node.Bond(name="bond0", mode="802.3ad", members=members)


def _hybrid(sysctls: dict[str, str]) -> host.Namespace:
    """Return a namespace with an instance behind the hybrid firewall."""
    return msgspec.structs.replace(
        simulation.namespace(
            2,
            simulation.link("qbr1", kind="bridge", mac=None, index=5),
            simulation.link("tap1", kind="tun", master="qbr1", index=6),
        ),
        sysctls=sysctls,
    )


class _CheckTestCase(unittest.TestCase):
    def assert_healthy(
        self, hosts: simulation.Hosts, **options: Any
    ) -> list[dict[str, Any]]:
        """Find nothing; return the rows."""
        told = _run(hosts, **options)
        self.assertEqual((), told.findings)
        self.assertEqual(report.CheckStatus.PASSED, told.result.status)
        rows: list[dict[str, Any]] = told.result.measurements["hosts"]
        self.assertEqual(
            [("passed", 0)] * hosts.count,
            [(row["status"], row["problems"]) for row in rows],
        )
        return rows

    def assert_found(
        self, hosts: simulation.Hosts, code: str, name: str | None = "h2"
    ) -> base.CheckOutcome:
        """Find one fault."""
        told = _run(hosts)
        self.assertEqual(
            [(code, name)],
            [(one.code, one.location.host) for one in told.findings],
        )
        return told


class HealthTestCase(_CheckTestCase):
    """What a healthy deployment may look like."""

    def test_plain_hosts(self) -> None:
        rows = self.assert_healthy(simulation.Hosts(10))
        self.assertEqual(
            (1, 1, "h1"),
            (
                rows[0]["interfaces_up"],
                rows[0]["interfaces"],
                rows[0]["hostname"],
            ),
        )

    def test_virtual_machines_do_not_tell_their_speed(self) -> None:
        def change(
            name: str, _: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            speed = None if name != "h2" else 1000
            return (
                simulation.with_link(
                    found[0], "eth0", speed=speed, duplex=None
                ),
            )

        self.assert_healthy(simulation.Hosts(change=change))

    def test_two_kinds_of_machines(self) -> None:
        def change(
            name: str, _: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            speed = 10000 if name in {"h1", "h2", "h3"} else 25000
            return (simulation.with_link(found[0], "eth0", speed=speed),)

        self.assert_healthy(simulation.Hosts(13, change=change))

    def test_controllers_are_another_kind(self) -> None:
        """One alone too: with slower NICs, and fewer of them in its bond."""

        def change(
            name: str, _: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            speed = 10000 if name == "h9" else 25000
            return (simulation.with_link(found[0], "eth0", speed=speed),)

        hosts = simulation.Hosts(9, change=change)
        members = [
            node.BondMember(name=f"ens{one}", up=True) for one in (1, 2, 3, 4)
        ]
        for name in hosts.names:
            hosts.node[name] = {"bonds": (_bond(*members),)}
        hosts.node["h9"] = {
            "bonds": (_bond(*members[:2]),),
            "neutron_agents": (node.NeutronAgent(name="neutron-l3-agent"),),
        }
        self.assert_healthy(hosts)

    def test_several_bonds_with_fewer_members(self) -> None:
        hosts = simulation.Hosts(9)
        members = [
            node.BondMember(name=f"ens{one}", up=True) for one in (1, 2, 3, 4)
        ]
        for number, name in enumerate(hosts.names, 1):
            mine = members[:2] if number > 6 else members
            hosts.node[name] = {"bonds": (_bond(*mine),)}
        self.assert_healthy(hosts)

    def test_a_machine_with_other_nics(self) -> None:
        hosts = simulation.Hosts(4)
        for number, name in enumerate(hosts.names, 1):
            own = simulation.namespace(number)
            nic, speed = ("eno1", 1000) if number == 4 else ("ens2", 10000)
            hosts.namespaces[name] = (
                simulation.with_link(
                    msgspec.structs.replace(
                        own,
                        links=(
                            *own.links,
                            simulation.link(
                                nic, index=5, master="eth0", speed=speed
                            ),
                        ),
                    ),
                    "eth0",
                    kind="bond",
                ),
            )
        self.assert_healthy(hosts)

    def test_ipv6_only(self) -> None:
        hosts = simulation.Hosts()
        for number, name in enumerate(hosts.names, 1):
            hosts.namespaces[name] = (
                msgspec.structs.replace(
                    simulation.namespace(number),
                    addresses=(
                        host.Address(
                            address=f"2001:db8::{number}",
                            prefix_length=64,
                            family=6,
                            device="eth0",
                        ),
                    ),
                ),
            )
        self.assert_healthy(hosts)

    def test_hosts_that_routes_lead_to(self) -> None:
        hosts = simulation.Hosts()
        for number, name in enumerate(hosts.names, 1):
            own = simulation.namespace(number)
            hosts.namespaces[name] = (
                msgspec.structs.replace(
                    own,
                    addresses=(
                        msgspec.structs.replace(
                            own.addresses[0], device="lo", prefix_length=32
                        ),
                    ),
                ),
            )
        told = _run(
            hosts,
            inventory.Inventory(
                networks=(
                    inventory.ExpectedNetwork(
                        name="mgmt", cidrs=("192.0.2.0/24",)
                    ),
                )
            ),
        )
        self.assertEqual((), told.findings)
        rows = told.result.measurements["hosts"]
        self.assertEqual([1, 1, 1], [row["interfaces"] for row in rows])

    def test_idle_ports_and_frames_that_nobody_wants(self) -> None:
        hosts = simulation.Hosts(change=_counting("h2", rx_dropped=500))
        for number, name in enumerate(hosts.names, 1):
            hosts.namespaces[name] = (
                simulation.namespace(
                    number,
                    simulation.link(
                        "eth1", index=3, carrier=False, speed=None
                    ),
                    simulation.link(
                        "eth2",
                        index=4,
                        admin_up=False,
                        carrier=None,
                        speed=None,
                    ),
                ),
            )
        rows = self.assert_healthy(hosts)
        self.assertEqual(
            (1, 3), (rows[0]["interfaces_up"], rows[0]["interfaces"])
        )

    def test_a_representor_that_comes_and_goes(self) -> None:
        """As SR-IOV's in Open vSwitch do, with their instances."""

        def change(
            name: str, reading: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            port = simulation.link(
                "eth0_7",
                index=3,
                master="ovs-system",
                carrier_changes=reading,
            )
            return (
                msgspec.structs.replace(
                    found[0], links=(*found[0].links, port)
                ),
            )

        self.assert_healthy(simulation.Hosts(change=change))

    def test_few_errors_are_chance(self) -> None:
        self.assert_healthy(
            simulation.Hosts(change=_counting("h2", rx_errors=2))
        )

    def test_a_burst_of_drops_among_many_packets(self) -> None:
        self.assert_healthy(
            simulation.Hosts(
                change=_counting("h2", rx_missed=5, rx_packets=1_000_000)
            )
        )

    def test_counters_that_start_anew(self) -> None:
        self.assert_healthy(
            simulation.Hosts(change=_counting("h2", rx_errors=-9_000))
        )

    def test_a_bond_and_many_namespaces(self) -> None:
        hosts = simulation.Hosts()
        for number, name in enumerate(hosts.names, 1):
            own = simulation.namespace(
                number,
                simulation.link("ens1", index=5, master="bond0", speed=1000),
                simulation.link("ens2", index=6, master="bond0", speed=1000),
                simulation.link(
                    "bond0", index=7, kind="bond", master="br0", speed=2000
                ),
                simulation.link(
                    "tap1", index=8, kind="tun", master="br0", speed=10
                ),
                simulation.link(
                    "br0",
                    index=9,
                    kind="bridge",
                    speed=None,
                    mac=f"02:00:00:00:01:{number:02x}",
                ),
            )
            hosts.namespaces[name] = (
                msgspec.structs.replace(
                    own,
                    addresses=(
                        msgspec.structs.replace(
                            own.addresses[0], device="br0"
                        ),
                    ),
                ),
                *(
                    host.Namespace(
                        name=f"qrouter-{one}",
                        sysctls={"net.ipv4.ip_forward": "1"},
                    )
                    for one in range(200)
                ),
                host.Namespace(
                    name="qdhcp-1", sysctls={"net.ipv4.ip_forward": "0"}
                ),
            )
            hosts.node[name] = {
                "bonds": (
                    node.Bond(
                        name="bond0",
                        mode="802.3ad",
                        members=tuple(
                            node.BondMember(name=one, up=True, aggregator=1)
                            for one in ("ens1", "ens2")
                        ),
                    ),
                )
            }
        rows = self.assert_healthy(hosts)
        # The NIC without an address counts as well, the tap does not.
        self.assertEqual(3, rows[0]["interfaces"])

    def test_agents_of_one_kernel_are_no_clones(self) -> None:
        hosts = simulation.Hosts()
        hosts.node = {
            name: {"machine_id": "one", "boot_id": "one"}
            for name in hosts.names
        }
        self.assert_healthy(hosts)

    def test_hosts_without_machine_ids(self) -> None:
        hosts = simulation.Hosts()
        hosts.node = {name: {"machine_id": None} for name in hosts.names}
        self.assert_healthy(hosts)

    def test_clocks_within_the_bound(self) -> None:
        rows = self.assert_healthy(
            simulation.Hosts(clock={"h1": -0.4, "h2": 0.4})
        )
        self.assertEqual(
            [-400.0, 400.0, 0.0], [row["clock_offset_ms"] for row in rows]
        )


class FaultTestCase(_CheckTestCase):
    """One fault, one finding, on the right host."""

    def test_errors(self) -> None:
        for counter in ("rx_errors", "tx_errors", "collisions"):
            told = self.assert_found(
                simulation.Hosts(change=_counting("h2", **{counter: 30})),
                "underlay-errors-grow",
            )
            self.assertEqual("eth0", told.findings[0].location.device)
            self.assertIn("10.0 a second", told.findings[0].summary)
            self.assertEqual(report.CheckStatus.WARNING, told.result.status)

    def test_drops(self) -> None:
        for counter in ("rx_missed", "tx_dropped"):
            self.assert_found(
                simulation.Hosts(change=_counting("h2", **{counter: 30})),
                "host-drops-grow",
            )

    def test_what_is_missed_is_told_once(self) -> None:
        self.assert_found(
            simulation.Hosts(
                change=_counting("h2", rx_missed=30, rx_errors=30)
            ),
            "host-drops-grow",
        )

    def test_a_carrier_that_comes_and_goes(self) -> None:
        def change(
            name: str, reading: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            if name != "h2" or reading < 2:
                return found
            return (
                simulation.with_link(
                    found[0],
                    "eth0",
                    carrier_changes=2,
                    counters=host.Counters(tx_dropped=100),
                ),
            )

        self.assert_found(
            simulation.Hosts(change=change), "underlay-carrier-unstable"
        )

    def test_drops_where_nothing_can_be_sent(self) -> None:
        """What is not sent for want of a carrier is told with that."""
        drops = _counting("h2", tx_dropped=30)

        def change(
            name: str, reading: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            own, *_ = drops(name, reading, found)
            return (simulation.with_link(own, "eth0", carrier=name != "h2"),)

        self.assert_found(
            simulation.Hosts(change=change), "underlay-no-carrier"
        )

    def test_later_checks_get_to_know(self) -> None:
        """What a slow NIC explains."""

        def change(
            name: str, _: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            if name != "h2":
                return found
            return (simulation.with_link(found[0], "eth0", speed=1000),)

        hosts = simulation.Hosts(4, change=change)
        context = base.Context(fleet=hosts, inventory=inventory.Inventory())
        told = check.HostCheck(hosts.pause).run(context)
        (found,) = told.findings
        network = found.location.network or ""
        others = {one for one in hosts.names if one != "h2"}
        self.assertEqual(
            {(network, "h2", one) for one in others}
            | {(network, one, "h2") for one in others},
            context.explained.keys(),
        )
        self.assertEqual({found}, set(context.explained.values()))

    def test_no_carrier(self) -> None:
        def change(
            name: str, _: int, found: tuple[host.Namespace, ...]
        ) -> tuple[host.Namespace, ...]:
            return (
                simulation.with_link(
                    found[0], "eth0", carrier=name != "h2", speed=None
                ),
            )

        told = self.assert_found(
            simulation.Hosts(change=change), "underlay-no-carrier"
        )
        self.assertEqual(report.CheckStatus.FAILED, told.result.status)

    def test_below_a_port_of_open_vswitch(self) -> None:
        ports = (("br-ex", "internal"), ("em1", "system"))
        made = msgspec.structs.replace(
            _NOT_MADE,
            datapath_id="0000aa",
            ports=tuple(
                bridge.Port(
                    name=name,
                    interfaces=(bridge.Interface(name=name, kind=kind),),
                )
                for name, kind in ports
            ),
        )
        for values, code in (
            ({"carrier": False, "speed": None}, "underlay-no-carrier"),
            ({"speed": 1000}, "underlay-speed-low"),
            ({"duplex": "half"}, "underlay-half-duplex"),
        ):
            hosts = simulation.Hosts()
            for number, name in enumerate(hosts.names, 1):
                own = simulation.namespace(
                    number,
                    simulation.link(
                        "br-ex", index=5, kind="openvswitch", speed=None
                    ),
                    simulation.link(
                        "em1",
                        index=6,
                        master="ovs-system",
                        **(values if name == "h2" else {}),
                    ),
                )
                own = simulation.with_link(
                    own, "br-ex", mac=f"02:00:00:00:01:{number:02x}"
                )
                hosts.namespaces[name] = (
                    msgspec.structs.replace(
                        own,
                        addresses=(
                            msgspec.structs.replace(
                                own.addresses[0], device="br-ex"
                            ),
                        ),
                    ),
                )
                hosts.bridges[name] = iter([(made,)])
            with self.subTest(values=values):
                told = self.assert_found(hosts, code)
                self.assertEqual("em1", told.findings[0].location.device)
                # The NIC without a network, and the one below the bridge.
                rows = told.result.measurements["hosts"]
                self.assertEqual(2, rows[0]["interfaces"])

    def test_speed_and_duplex(self) -> None:
        for values, code in (
            ({"speed": 1000}, "underlay-speed-low"),
            ({"duplex": "half"}, "underlay-half-duplex"),
        ):

            def change(
                name: str,
                _: int,
                found: tuple[host.Namespace, ...],
                values: dict[str, Any] = values,
            ) -> tuple[host.Namespace, ...]:
                if name != "h2":
                    return found
                return (simulation.with_link(found[0], "eth0", **values),)

            self.assert_found(simulation.Hosts(change=change), code)

    def test_a_slow_member_of_a_bond(self) -> None:
        hosts = simulation.Hosts()
        for number, name in enumerate(hosts.names, 1):
            slow = 1000 if name == "h2" else 10000
            own = simulation.namespace(
                number,
                simulation.link("ens2", index=6, master="eth0", speed=slow),
                simulation.link("ens1", index=5, master="eth0"),
            )
            hosts.namespaces[name] = (
                simulation.with_link(own, "eth0", kind="bond"),
            )
        told = self.assert_found(hosts, "underlay-speed-low")
        self.assertEqual("ens2", told.findings[0].location.device)

    def test_duplicate_mac_address(self) -> None:
        hosts = simulation.Hosts()
        hosts.namespaces["h2"] = (
            simulation.with_link(
                simulation.namespace(2), "eth0", mac="02:00:00:00:00:03"
            ),
        )
        told = self.assert_found(hosts, "underlay-mac-duplicate", None)
        self.assertIn("h2, h3", told.findings[0].summary)
        self.assertEqual(
            [0, 1, 1],
            [row["problems"] for row in told.result.measurements["hosts"]],
        )

    def test_duplicate_mac_address_on_a_physical_network(self) -> None:
        """Told once, of the NIC and of what is on it."""
        known = inventory.Inventory(
            physical_networks=(
                inventory.ExpectedPhysicalNetwork(
                    name="physnet1",
                    interfaces={"*": "ens1"},
                    hosts=("h1", "h2", "h3"),
                ),
            )
        )
        for device, networks in (
            ("eth0", "physnet1"),
            ("ens1.7", "192.0.2.0/24, physnet1"),
        ):
            hosts = simulation.Hosts(4)
            for number, name in enumerate(hosts.names, 1):
                # The last is not on it, whatever its NIC's address.
                mac = f"02:00:00:00:07:{max(number, 2):02x}"
                if name == "h4":
                    mac = "02:00:00:00:07:03"
                own = simulation.namespace(
                    number,
                    simulation.link("ens1", index=5, mac=mac),
                    simulation.link("ens1.7", index=6, mac=mac, kind="vlan"),
                )
                if name in ("h1", "h2"):
                    own = msgspec.structs.replace(
                        own,
                        addresses=(
                            msgspec.structs.replace(
                                own.addresses[0], device=device
                            ),
                        ),
                    )
                hosts.namespaces[name] = (own,)
            told = _run(hosts, known)
            with self.subTest(device=device):
                (found,) = told.findings
                self.assertEqual("underlay-mac-duplicate", found.code)
                self.assertEqual(networks, found.location.network)
                self.assertIn("2 hosts: h1, h2", found.summary)

    def test_the_mac_address_of_a_virtual_router_is_shared(self) -> None:
        hosts = simulation.Hosts()
        for number, name in enumerate(hosts.names, 1):
            hosts.namespaces[name] = (
                simulation.with_link(
                    simulation.namespace(number),
                    "eth0",
                    mac="00:00:5e:00:01:07",
                ),
            )
        self.assert_healthy(hosts)

    def test_duplicate_address(self) -> None:
        hosts = simulation.Hosts()
        own = simulation.namespace(2)
        hosts.namespaces["h2"] = (
            msgspec.structs.replace(
                own,
                addresses=(
                    *own.addresses,
                    msgspec.structs.replace(
                        own.addresses[0], address="192.0.2.3"
                    ),
                ),
            ),
        )
        self.assert_found(hosts, "underlay-address-duplicate")

    def test_names_and_machine_ids(self) -> None:
        for field, code in (
            ("hostname", "host-name-duplicate"),
            ("machine_id", "host-machine-id-duplicate"),
        ):
            hosts = simulation.Hosts(
                node={name: {field: "localhost"} for name in ("h1", "h2")}
            )
            told = self.assert_found(hosts, code, None)
            self.assertIn("h1, h2", told.findings[0].summary)
            self.assertNotIn(
                "localhost" if field == "machine_id" else "h3",
                str(told.findings),
            )

    def test_bonds(self) -> None:
        for broken in (
            node.BondMember(name="ens2", up=False, failures=4),
            node.BondMember(name="ens2", up=True, aggregator=2),
        ):
            members = (
                node.BondMember(name="ens1", up=True, aggregator=1),
                broken,
            )
            told = self.assert_found(
                simulation.Hosts(
                    node={
                        "h2": {
                            "bonds": (
                                node.Bond(
                                    name="bond0",
                                    mode="802.3ad",
                                    members=members,
                                ),
                            )
                        }
                    }
                ),
                "underlay-bond-degraded",
            )
            self.assertEqual("ens2", told.findings[0].location.device)

    def test_a_bond_without_lacp_of_the_switch(self) -> None:
        for partners, device in (
            ((False, False), "bond0"),
            ((True, False), "ens2"),
        ):
            members = tuple(
                node.BondMember(
                    name=f"ens{number}",
                    up=True,
                    aggregator=1,
                    partner=partner,
                )
                for number, partner in enumerate(partners, 1)
            )
            told = self.assert_found(
                simulation.Hosts(node={"h2": {"bonds": (_bond(*members),)}}),
                "underlay-bond-degraded",
            )
            self.assertEqual(device, told.findings[0].location.device)
            self.assertIn("LACP", told.findings[0].summary)

    def test_a_member_that_does_not_agree(self) -> None:
        members = (
            node.BondMember(name="ens1", up=True, churned=False),
            node.BondMember(name="ens2", up=True, churned=True),
        )
        told = self.assert_found(
            simulation.Hosts(node={"h2": {"bonds": (_bond(*members),)}}),
            "underlay-bond-degraded",
        )
        self.assertEqual("ens2", told.findings[0].location.device)

    def test_a_bond_with_fewer_members_than_on_other_hosts(self) -> None:
        members = [
            node.BondMember(name=name, up=True) for name in ("ens1", "ens2")
        ]
        whole = {"bonds": (_bond(*members),)}
        half = {"bonds": (_bond(members[0]),)}
        told = self.assert_found(
            simulation.Hosts(node={"h1": whole, "h2": half, "h3": whole}),
            "underlay-bond-degraded",
        )
        self.assertEqual(
            "bond0 of h2 has 1 of the 2 members that it has on most hosts "
            "of its kind",
            told.findings[0].summary,
        )

    def test_one_of_many_of_its_kind(self) -> None:
        """What sets others apart does not hide who falls short."""
        hosts = simulation.Hosts(7)
        members = [
            node.BondMember(name=f"ens{one}", up=True) for one in (1, 2, 3, 4)
        ]
        agents = (node.NeutronAgent(name="neutron-l3-agent"),)
        for number, name in enumerate(hosts.names, 1):
            hosts.node[name] = (
                {"bonds": (_bond(*members[:2]),), "neutron_agents": agents}
                if number > 4
                else {"bonds": (_bond(*members[: 3 if number == 2 else 4]),)}
            )
        self.assert_found(hosts, "underlay-bond-degraded")

    def test_a_missing_program_is_no_fault(self) -> None:
        tool = node.Tool(
            name="iperf3", operation="probe.throughput", installed=False
        )
        told = self.assert_found(
            simulation.Hosts(node={"h2": {"tools": (tool,)}}),
            "agent-tool-missing",
        )
        self.assertEqual(report.CheckStatus.PASSED, told.result.status)

    def test_a_bridge_that_was_not_made(self) -> None:
        told = self.assert_found(
            simulation.Hosts(
                bridges={"h2": iter([(_NOT_MADE,), (_NOT_MADE,)])}
            ),
            "ovs-bridge-not-created",
        )
        self.assertEqual("br-ex", told.findings[0].location.device)

    def test_bridges_that_are_as_they_should_be(self) -> None:
        made = msgspec.structs.replace(_NOT_MADE, datapath_id="0000aa")
        other = msgspec.structs.replace(_NOT_MADE, name="br-int")
        linux = msgspec.structs.replace(
            _NOT_MADE, kind=bridge.BridgeKind.LINUX
        )
        for name, readings in (
            ("of two kinds", ((made, linux),) * 2),
            ("just added", ((_NOT_MADE,), (made,))),
            ("just removed", ((_NOT_MADE,), ())),
            ("another one", ((_NOT_MADE,), (other,))),
        ):
            with self.subTest(name):
                self.assert_healthy(
                    simulation.Hosts(bridges={"h2": iter(readings)})
                )

    def test_without_vswitchd_nothing_is_known_of_bridges(self) -> None:
        self.assert_healthy(
            simulation.Hosts(
                bridges={"h2": iter([(_NOT_MADE,), (_NOT_MADE,)])},
                no_vswitchd=frozenset({"h2"}),
            )
        )

    def test_a_program_that_neutron_needs(self) -> None:
        agents = tuple(
            node.NeutronAgent(name=name, missing=("haproxy",))
            for name in ("neutron-dhcp-agent", "neutron-l3-agent")
        )
        told = self.assert_found(
            simulation.Hosts(node={"h2": {"neutron_agents": agents}}),
            "host-program-missing",
        )
        self.assertEqual(
            "haproxy is not installed on h2, and neutron-dhcp-agent and "
            "neutron-l3-agent on it needs it",
            told.findings[0].summary,
        )
        self.assertEqual(report.CheckStatus.WARNING, told.result.status)
        self.assert_healthy(
            simulation.Hosts(
                node={
                    "h2": {
                        "neutron_agents": (
                            node.NeutronAgent(name="neutron-l3-agent"),
                        )
                    }
                }
            )
        )

    def test_tables_that_are_nearly_full(self) -> None:
        neighbours = tuple(
            host.Neighbour(
                address=f"192.0.2.{number}",
                family=4,
                device="eth0",
                state="stale",
            )
            for number in range(90)
        )
        for count, code in ((89, None), (90, "found")):
            own = msgspec.structs.replace(
                simulation.namespace(2),
                sysctls={
                    "net.netfilter.nf_conntrack_count": str(count),
                    "net.netfilter.nf_conntrack_max": "100",
                },
            )
            hosts = simulation.Hosts(namespaces={"h2": (own,)})
            if code is None:
                self.assert_healthy(hosts)
            else:
                self.assert_found(hosts, "host-conntrack-full")
            own = msgspec.structs.replace(
                own,
                neighbours=neighbours[:count],
                sysctls={"net.ipv4.neigh.default.gc_thresh3": "100"},
            )
            hosts = simulation.Hosts(namespaces={"h2": (own,)})
            if code is None:
                self.assert_healthy(hosts)
            else:
                self.assert_found(hosts, "host-neighbours-full")

    def test_a_neighbour_table_that_is_too_small_for_the_hosts(self) -> None:
        for most, code in ((11, None), (10, "host-neighbours-full")):
            own = msgspec.structs.replace(
                simulation.namespace(2),
                sysctls={"net.ipv4.neigh.default.gc_thresh3": str(most)},
            )
            hosts = simulation.Hosts(10, namespaces={"h2": (own,)})
            if code is None:
                self.assert_healthy(hosts)
            else:
                told = self.assert_found(hosts, code)
                self.assertIn("9 hosts", told.findings[0].summary)

    def test_a_router_that_does_not_forward(self) -> None:
        for name in ("qrouter-1", "snat-1", "fip-1"):
            router = host.Namespace(
                name=name, sysctls={"net.ipv4.ip_forward": "0"}
            )
            told = self.assert_found(
                simulation.Hosts(
                    namespaces={"h2": (simulation.namespace(2), router)}
                ),
                "host-forwarding-off",
            )
            self.assertEqual(name, told.findings[0].location.netns)

    def test_security_groups_that_do_not_hold(self) -> None:
        for sysctls, seen in (
            ({"net.bridge.bridge-nf-call-iptables": "0"}, "0"),
            ({"net.ipv4.ip_forward": "0"}, "br_netfilter is not loaded"),
        ):
            told = self.assert_found(
                simulation.Hosts(namespaces={"h2": (_hybrid(sysctls),)}),
                "host-bridge-netfilter-off",
            )
            self.assertIn(seen, told.findings[0].evidence[0].observed)
        self.assert_healthy(
            simulation.Hosts(
                namespaces={
                    "h2": (
                        _hybrid({"net.bridge.bridge-nf-call-iptables": "1"}),
                    )
                }
            )
        )
        # Without an instance nothing has to be filtered.
        self.assert_healthy(
            simulation.Hosts(
                namespaces={
                    "h2": (
                        msgspec.structs.replace(
                            simulation.namespace(
                                2, simulation.link("qbr1", kind="bridge")
                            ),
                            sysctls={"net.ipv4.ip_forward": "0"},
                        ),
                    )
                }
            )
        )

    def test_a_silent_agent(self) -> None:
        told = self.assert_found(
            simulation.Hosts(silent={"h2"}), "agent-no-answer"
        )
        self.assertEqual(
            ["passed", "inconclusive", "passed"],
            [row["status"] for row in told.result.measurements["hosts"]],
        )


class InconclusiveTestCase(_CheckTestCase):
    """What was not looked at is never well."""

    def test_one_host(self) -> None:
        told = _run(simulation.Hosts(1))
        self.assertEqual(report.CheckStatus.INCONCLUSIVE, told.result.status)
        self.assertIn("alone", told.result.reason or "")

    def test_a_namespace_that_cannot_be_read(self) -> None:
        unread = host.Namespace(name="qrouter-1", error="no privilege")
        told = _run(
            simulation.Hosts(
                namespaces={"h2": (simulation.namespace(2), unread)}
            )
        )
        self.assertEqual(
            (
                report.CheckStatus.INCONCLUSIVE,
                "could not read qrouter-1 on h2 (no privilege)",
            ),
            (told.result.status, told.result.reason),
        )

    def test_settings_that_are_out_of_sight(self) -> None:
        told = _run(simulation.Hosts(namespaces={"h2": (_hybrid({}),)}))
        self.assertEqual((), told.findings)
        self.assertEqual(
            (
                report.CheckStatus.INCONCLUSIVE,
                "could not read sysctl net.bridge.bridge-nf-call-iptables "
                "on h2",
            ),
            (told.result.status, told.result.reason),
        )

    def test_a_network_that_does_not_exist(self) -> None:
        with self.assertRaisesRegex(base.UsageError, "192.0.2.0/24"):
            _run(simulation.Hosts(), networks=("tunnel",))
