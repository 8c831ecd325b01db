# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.checks import base
from steth.checks.gateway import check
from steth.model import finding
from steth.model import host as host_model
from steth.model import inventory
from steth.model import neighbours
from steth.model import provider
from steth.model import report
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks import talking
from steth.tests.unit.checks.mesh import simulation

GATEWAY, MAC = "10.0.1.254", "02:00:00:00:fe:01"
OTHER = "02:00:00:00:fe:02"
EXTERNAL = "203.0.113.1"


def _expected(*gateways: str) -> inventory.Inventory:
    known = simulation.expected(4)
    mgmt, tunnel = known.networks
    return msgspec.structs.replace(
        known,
        networks=(mgmt, msgspec.structs.replace(tunnel, gateways=gateways)),
        physical_networks=(
            inventory.ExpectedPhysicalNetwork(
                name="physnet1", interfaces={"*": "eth1"}
            ),
        ),
    )


class _Rack(talking.Rack):
    """A rack whose hosts have a default route.

    It is by the management network, in IPv6 by the tunnel's.
    """

    default: str | None = None
    #: Of the host that has another one.
    others: tuple[str, str] | None = None

    def _snapshot(self, name: str) -> host_model.HostSnapshot:
        found = super()._snapshot(name)
        ipv6 = ":" in (self.default or "")
        default = self.default
        if self.others is not None and self.others[0] == name:
            default = self.others[1]
        route = host_model.Route(
            destination="::/0" if ipv6 else "0.0.0.0/0",
            family=6 if ipv6 else 4,
            gateway=default,
            device="eth1" if ipv6 else "eth0",
        )
        root = msgspec.structs.replace(
            found.root, routes=(route,) if self.default else ()
        )
        return msgspec.structs.replace(found, namespaces=(root,))


class GatewayTestCase(unittest.TestCase):
    """Who answers for a gateway, and whom, is told once."""

    def setUp(self) -> None:
        self.rack = _Rack(nics=simulation.rack(4).nics)
        self.rack.replies["probe.neighbours"] = self._answer
        #: Who answers for an address, by the host that asks; "" for others.
        self.macs: dict[str, dict[str, tuple[str, ...]]] = {
            GATEWAY: {"": (MAC,)}
        }
        self.asked: list[tuple[str, requests.Neighbour]] = []
        self.lost: set[str] = set()

    def _answer(self, host: str, request: requests.ProbeNeighbours) -> Any:
        results = []
        for one in request.neighbours:
            self.asked.append((host, one))
            by_host = self.macs.get(one.address, {})
            macs = by_host.get(host, by_host.get("", ()))
            if host in self.lost:
                macs = ()
            results.append(
                neighbours.NeighbourResult(
                    interface=one.interface,
                    vlan=one.vlan,
                    address=one.address,
                    macs=macs,
                )
            )
        self.lost.discard(host)
        return neighbours.NeighbourReport(results=tuple(results), duration=1)

    def run_check(
        self, known: inventory.Inventory | None = None, **given: Any
    ) -> base.CheckOutcome:
        return check.GatewayCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=known or _expected(GATEWAY),
                **given,
            )
        )

    def assert_found(
        self, outcome: base.CheckOutcome, *codes: str
    ) -> list[finding.Finding]:
        self.assertEqual(list(codes), [one.code for one in outcome.findings])
        return list(outcome.findings)

    def test_health_is_one_round(self) -> None:
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        self.assertEqual(
            [("inspect.host", 4), ("probe.neighbours", 4)], self.rack.asked
        )
        (row,) = outcome.result.measurements["gateways"]
        self.assertEqual(
            (4, 4, [MAC]), (row["hosts"], row["answered"], row["macs"])
        )
        self.assertEqual(
            {"10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"},
            {one.source for _, one in self.asked},
        )

    def test_no_gateway_is_known(self) -> None:
        for known in (_expected(), inventory.Inventory()):
            outcome = self.run_check(known)
            self.assert_found(outcome)
            self.assertEqual(report.CheckStatus.SKIPPED, outcome.result.status)
            # A suite is not inconclusive for want of what nobody has.
            self.assertFalse(outcome.result.applicable)

    def test_the_hosts_routes(self) -> None:
        self.rack.default = "10.0.0.254"
        self.macs["10.0.0.254"] = {"": (OTHER,)}
        for known in (_expected(GATEWAY), inventory.Inventory()):
            outcome = self.run_check(known)
            self.assert_found(outcome)
            self.assertIn(
                "routes",
                [
                    one["known_from"]
                    for one in outcome.result.measurements["gateways"]
                ],
            )

    def test_a_route_by_an_address_that_nobody_has(self) -> None:
        """The other hosts have another gateway, and it is well."""
        self.rack.default = "10.0.0.254"
        self.rack.others = "compute3", "10.0.0.99"
        self.macs["10.0.0.254"] = {"": (OTHER,)}
        (found,) = self.assert_found(
            self.run_check(), "underlay-gateway-silent"
        )
        self.assertEqual("compute3", found.location.host)
        self.assertEqual("eth0", found.location.device)
        self.assertIn("others have 10.0.0.254", found.summary)

    def test_silent_for_all(self) -> None:
        self.macs = {}
        (found,) = self.assert_found(
            self.run_check(), "underlay-gateway-silent"
        )
        self.assertIsNone(found.location.host)
        self.assertEqual("tunnel", found.location.network)
        self.assertEqual(finding.Confidence.CERTAIN, found.confidence)

    def test_silent_for_one(self) -> None:
        self.macs[GATEWAY]["compute3"] = ()
        (found,) = self.assert_found(
            self.run_check(), "underlay-gateway-unheard"
        )
        self.assertEqual("compute3", found.location.host)
        self.assertEqual("eth1", found.location.device)

    def test_silent_for_two_is_one_finding(self) -> None:
        self.macs[GATEWAY] |= {"compute3": (), "compute4": ()}
        (found,) = self.assert_found(
            self.run_check(), "underlay-gateway-unheard"
        )
        self.assertIsNone(found.location.host)
        self.assertEqual(
            ("compute3 on tunnel", "compute4 on tunnel"), found.affects
        )

    def test_an_answer_that_got_lost(self) -> None:
        self.lost = {"compute3"}
        self.assert_found(self.run_check())

    def test_a_host_that_reaches_nobody(self) -> None:
        self.macs[GATEWAY]["compute3"] = ()
        self.rack.rules["cut"] = lambda at, one, other, size: float(
            at is simulation.Stage.WIRE and "compute3" in (one, other)
        )
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.assertIn("compute3", outcome.result.reason or "")

    def test_two_machines(self) -> None:
        self.macs[GATEWAY][""] = (MAC, OTHER)
        (found,) = self.assert_found(
            self.run_check(), "underlay-address-duplicate"
        )
        self.assertIsNone(found.location.host)
        self.assertIn(f"{MAC}, {OTHER}", found.summary)

    def test_one_of_ours_has_taken_it(self) -> None:
        own = talking.mac("compute2", "eth1")
        self.macs[GATEWAY][""] = (MAC, own)
        (found,) = self.assert_found(
            self.run_check(), "underlay-address-duplicate"
        )
        self.assertEqual("compute2", found.location.host)

    def test_hosts_hear_different_ones(self) -> None:
        self.macs[GATEWAY]["compute4"] = (OTHER,)
        (found,) = self.assert_found(
            self.run_check(), "underlay-gateway-differs"
        )
        self.assertEqual(finding.Severity.WARNING, found.severity)
        self.assertEqual(
            ["compute1", "compute4"], [one.host for one in found.evidence]
        )

    def test_a_host_that_another_network_arrives_at(self) -> None:
        """What it hears there is of no gateway of the network."""
        self.macs[GATEWAY]["compute2"] = (OTHER,)
        misplaced = finding.Finding(
            code="underlay-wrong-interface",
            severity=finding.Severity.CRITICAL,
            check="connectivity",
            summary="",
            location=finding.Location(host="compute2", device="eth1"),
            evidence=(),
            remedy="",
            confidence=finding.Confidence.CERTAIN,
        )
        outcome = self.run_check(
            explained={("tunnel", "compute1", "compute2"): misplaced}
        )
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.assertIn("compute2", outcome.result.reason or "")

    def test_an_interface_that_is_down(self) -> None:
        self.rack.nics["compute3"]["tunnel"].admin_up = False
        self.assert_found(self.run_check(), "host-interface-down")
        self.assertNotIn("compute3", [host for host, _ in self.asked])

    def test_an_interface_that_is_down_everywhere(self) -> None:
        for nics in self.rack.nics.values():
            nics["tunnel"].carrier = False
        outcome = self.run_check()
        self.assert_found(outcome, *["underlay-no-carrier"] * 4)
        self.assertEqual([], self.asked)
        (row,) = outcome.result.measurements["gateways"]
        self.assertEqual("inconclusive", row["status"])

    def test_a_device_without_hardware_addresses(self) -> None:
        with mock.patch.object(talking, "mac", lambda *_: "00:00:00:00"):
            outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual([], self.asked)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )

    def test_hosts_that_routes_lead_to(self) -> None:
        for nics in self.rack.nics.values():
            nics["tunnel"].routed()
        self.assert_found(self.run_check())
        self.assertEqual([], self.asked)

    def test_a_gateway_of_ours_does_not_ask_itself(self) -> None:
        self.rack.nics["compute1"]["tunnel"].extra = (GATEWAY,)
        self.assert_found(self.run_check())
        self.assertNotIn("compute1", [host for host, _ in self.asked])

    def test_only_the_hosts_of_its_subnet(self) -> None:
        known = _expected(GATEWAY)
        tunnel = msgspec.structs.replace(
            known.networks[1], cidrs=("10.0.1.0/24", "10.0.0.0/24")
        )
        known = msgspec.structs.replace(known, networks=(tunnel,))
        del self.rack.nics["compute4"]["tunnel"]
        for name in ("compute1", "compute2", "compute3"):
            del self.rack.nics[name]["mgmt"]
        self.assert_found(self.run_check(known))
        self.assertEqual(
            {"compute1", "compute2", "compute3"},
            {host for host, _ in self.asked},
        )

    def put_in_racks(self) -> inventory.Inventory:
        """Give two hosts each an IPv6 subnet with fe80::1 as gateway."""
        subnets = ("2001:db8:1::/64", "2001:db8:2::/64")
        for number in range(1, 5):
            rack = 1 if number < 3 else 2
            self.rack.nics[f"compute{number}"] = {
                "tunnel": simulation.Nic("eth1", f"2001:db8:{rack}::{number}")
            }
            self.macs.setdefault("fe80::1", {})[f"compute{number}"] = (
                (MAC,) if rack == 1 else (OTHER,)
            )
        tunnel = inventory.ExpectedNetwork(name="tunnel", cidrs=subnets)
        return inventory.Inventory(networks=(tunnel,))

    def with_link_local_gateway(
        self, known: inventory.Inventory
    ) -> list[inventory.Inventory]:
        """Have it told by the configuration, and by the routes."""
        self.rack.default = "fe80::1"
        (tunnel,) = known.networks
        named = msgspec.structs.replace(tunnel, gateways=("fe80::1",))
        return [known, msgspec.structs.replace(known, networks=(named,))]

    def test_a_link_local_address_is_another_gateway_in_each_rack(
        self,
    ) -> None:
        for known in self.with_link_local_gateway(self.put_in_racks()):
            outcome = self.run_check(known)
            self.assert_found(outcome)
            self.assertEqual(
                [
                    ("tunnel 2001:db8:1::/64", 2, [MAC]),
                    ("tunnel 2001:db8:2::/64", 2, [OTHER]),
                ],
                [
                    (row["network"], row["hosts"], row["macs"])
                    for row in outcome.result.measurements["gateways"]
                ],
            )

    def test_a_link_local_gateway_that_differs_in_a_rack(self) -> None:
        known = self.put_in_racks()
        self.macs["fe80::1"]["compute2"] = ("02:00:00:00:fe:03",)
        self.rack.nics["compute4"]["tunnel"].carrier = False
        for one in self.with_link_local_gateway(known):
            differs, down = self.assert_found(
                self.run_check(one),
                "underlay-gateway-differs",
                "underlay-no-carrier",
            )
            self.assertIn("tunnel 2001:db8:1::/64", differs.summary)
            self.assertEqual("tunnel", down.location.network)

    def test_an_agent_that_cannot(self) -> None:
        def fail(host: str, request: Any) -> Any:
            if host == "compute1":
                raise errors.OperationError(errors.ErrorCode.FAILED, "no")
            return self._answer(host, request)

        self.rack.replies["probe.neighbours"] = fail
        self.assert_found(self.run_check(), "agent-operation-failed")

    def external(self, **changed: Any) -> Any:
        kept: dict[str, Any] = {
            "name": "public",
            "physical_network": "physnet1",
            "vlan": 100,
            "external": True,
            "gateways": (EXTERNAL,),
        }
        return lambda: (provider.ProviderNetwork(**(kept | changed)),)

    def test_an_external_network(self) -> None:
        self.macs[EXTERNAL] = {"": (OTHER,)}
        outcome = self.run_check(_expected(), provider=self.external())
        self.assert_found(outcome)
        self.assertEqual(
            {("eth1", 100, EXTERNAL, None)},
            {
                (one.interface, one.vlan, one.address, one.source)
                for _, one in self.asked
            },
        )
        self.macs = {}
        (found,) = self.assert_found(
            self.run_check(_expected(), provider=self.external()),
            "underlay-gateway-silent",
        )
        self.assertIn("physnet1 VLAN 100", found.summary)
        self.assertEqual(finding.Confidence.LIKELY, found.confidence)

    def test_one_silent_for_both_families_is_one_finding(self) -> None:
        other = "2001:db8:113::1"
        provider = self.external(gateways=(EXTERNAL, other))
        self.macs |= {EXTERNAL: {}, other: {}}
        (found,) = self.assert_found(
            self.run_check(_expected(), provider=provider),
            "underlay-gateway-silent",
        )
        self.assertIn(
            f"the gateways of physnet1 VLAN 100, {EXTERNAL} and {other}, "
            f"answer no host",
            found.summary,
        )

    def test_one_that_is_not_external(self) -> None:
        outcome = self.run_check(
            _expected(), provider=self.external(external=False)
        )
        self.assertEqual(report.CheckStatus.SKIPPED, outcome.result.status)

    def test_a_physical_network_that_nothing_describes(self) -> None:
        for source in (self.external(physical_network="p2"), lambda: None):
            outcome = self.run_check(provider=source)
            self.assert_found(outcome)
            self.assertEqual(
                report.CheckStatus.INCONCLUSIVE, outcome.result.status
            )
