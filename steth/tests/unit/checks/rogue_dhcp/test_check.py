# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest
from unittest import mock

import msgspec

from steth.checks import base
from steth.checks import runner
from steth.checks.rogue_dhcp import check
from steth.model import dhcp
from steth.model import finding
from steth.model import inventory
from steth.model import provider
from steth.model import report
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks import talking
from steth.tests.unit.checks.mesh import simulation

#: A server on the tunnel network, and the machine that it runs on.
SERVER, MAC = "10.0.1.200", "02:00:00:00:ff:01"


def _expected(hosts: int, *servers: str) -> inventory.Inventory:
    known = simulation.expected(hosts)
    mgmt, tunnel = known.networks
    return msgspec.structs.replace(
        known,
        networks=(
            mgmt,
            msgspec.structs.replace(tunnel, dhcp_servers=servers),
        ),
    )


class RogueDhcpTestCase(unittest.TestCase):
    """Who answers on which network is told once, and who should."""

    def setUp(self) -> None:
        self.rack = talking.rack(4)
        self.rack.replies["probe.dhcp"] = self._answer
        #: Interface, VLAN, server and MAC of who answers.
        self.servers: list[tuple[str, int, str, str]] = []
        self.deaf: set[str] = set()
        #: The servers of racks.
        self.working: set[str] = set()
        #: Those whose turn comes too late the first time.
        self.late: set[str] = set()
        self.requests: dict[str, requests.ProbeDhcp] = {}
        self.asked: list[tuple[str, requests.ProbeDhcp]] = []

    def _answer(self, host: str, request: requests.ProbeDhcp) -> Any:
        late = host in self.late and host not in self.requests
        self.asked.append((host, request))
        self.requests[host] = request
        return dhcp.DhcpReport(
            answers=tuple(
                dhcp.DhcpAnswer(
                    interface=interface,
                    vlan=vlan,
                    arrived_on=vlan,
                    server=server,
                    source=server,
                    mac=mac,
                    offered="10.0.1.77",
                )
                for interface, vlan, server, mac in self.servers
                for place in request.places
                if place.interface == interface and vlan in place.ids
                if host not in self.deaf and not late
            ),
            sent=request.discovers,
            duration=5.0,
        )

    def run_check(
        self,
        known: inventory.Inventory | None = None,
        cloud: Any = None,
        **options: Any,
    ) -> base.CheckOutcome:
        return check.RogueDhcpCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=known or _expected(4),
                options=base.Options(**options),
                provider=cloud,
            )
        )

    def assert_found(
        self, outcome: base.CheckOutcome, *codes: str
    ) -> list[finding.Finding]:
        self.assertEqual(list(codes), [one.code for one in outcome.findings])
        return list(outcome.findings)

    def test_health_is_one_round(self) -> None:
        for known in (_expected(4), inventory.Inventory()):
            outcome = self.run_check(known)
            self.assertEqual((), outcome.findings)
            self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        self.assertEqual(
            {("inspect.host", 4), ("probe.dhcp", 4)}, set(self.rack.asked)
        )
        (request,) = {
            msgspec.structs.replace(one, run=1)
            for one in self.requests.values()
        }
        self.assertEqual(
            [("eth0", (0,)), ("eth1", (0,))],
            [(one.interface, one.ids) for one in request.places],
        )

    def test_all_are_one_client(self) -> None:
        self.late = {"compute3"}
        self.run_check(_expected(4, SERVER))
        self.assertEqual(1, len({one.run for _, one in self.asked}))

    def test_a_server_that_is_slow(self) -> None:
        """Only those that it has not answered ask once more, and wait."""
        self.servers = [("eth1", 0, SERVER, MAC)]
        self.late = {"compute3", "compute4"}
        outcome = self.run_check(_expected(4, SERVER))
        self.assert_found(outcome)
        self.assertEqual(
            {SERVER: 4},
            outcome.result.measurements["networks"][1]["expected"],
        )
        first, again = self.asked[:4], self.asked[4:]
        self.assertEqual(
            [("compute3", ["eth1"]), ("compute4", ["eth1"])],
            [(one, [x.interface for x in y.places]) for one, y in again],
        )
        self.assertLess(
            max(one.interval + one.timeout for _, one in first),
            min(one.interval + one.timeout for _, one in again),
        )

    def test_a_stranger_that_only_the_second_time_answers(self) -> None:
        self.servers = [
            ("eth1", 0, SERVER, MAC),
            ("eth1", 0, "10.0.1.201", talking.mac("compute2", "eth1")),
        ]
        self.late = set(self.rack.nics)
        (found,) = self.assert_found(
            self.run_check(_expected(4, SERVER)), "dhcp-rogue-server"
        )
        self.assertEqual("compute2", found.location.host)

    def test_a_host_that_fails_the_second_time(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        self.late = {"compute3"}

        def answer(host: str, request: Any) -> Any:
            if host in self.requests:
                raise errors.OperationError(errors.ErrorCode.FAILED, "no")
            return self._answer(host, request)

        self.rack.replies["probe.dhcp"] = answer
        outcome = self.run_check(_expected(4, SERVER))
        self.assert_found(outcome, "agent-operation-failed")
        self.assertEqual(
            "inconclusive",
            outcome.result.measurements["networks"][1]["status"],
        )

    def run_in_racks(
        self, *servers: str, relayed: bool = False
    ) -> base.CheckOutcome:
        """Run the check on two racks of two hosts.

        :param servers: the expected ones
        :param relayed: whether hosts hear the servers of other racks too
        """
        for number in range(1, 5):
            rack = (number + 1) // 2
            self.rack.nics[f"compute{number}"] = {
                "tunnel": simulation.Nic("eth1", f"10.{rack}.0.{number}")
            }
        racks = {f"compute{n}": f"10.{(n + 1) // 2}." for n in range(1, 5)}

        def answer(host: str, request: requests.ProbeDhcp) -> Any:
            self.servers = [
                ("eth1", 0, server, MAC)
                for server in self.working
                if relayed or server.startswith(racks[host])
            ]
            return self._answer(host, request)

        self.rack.replies["probe.dhcp"] = answer
        return self.run_check(
            inventory.Inventory(
                networks=(
                    inventory.ExpectedNetwork(
                        name="tunnel",
                        cidrs=("10.1.0.0/24", "10.2.0.0/24"),
                        dhcp_servers=servers,
                    ),
                )
            )
        )

    def test_each_rack_has_its_own_server(self) -> None:
        self.working = {"10.1.0.250", "10.2.0.250"}
        outcome = self.run_in_racks(*sorted(self.working))
        self.assert_found(outcome)
        self.assertEqual(
            [("probe.dhcp", 4)],
            [one for one in self.rack.asked if one[0] == "probe.dhcp"],
        )

    def test_a_rack_whose_server_is_silent(self) -> None:
        self.working = {"10.1.0.250"}
        (found,) = self.assert_found(
            self.run_in_racks("10.1.0.250", "10.2.0.250"),
            "dhcp-server-silent",
        )
        self.assertEqual(finding.Severity.CRITICAL, found.severity)
        self.assertIn("10.2.0.250 answers no host on tunnel", found.summary)
        self.assertIn("tunnel 10.2.0.0/24", found.affects[0])

    def test_a_host_that_its_racks_server_does_not_answer(self) -> None:
        self.working = {"10.1.0.250", "10.2.0.250"}
        self.deaf = {"compute3"}
        (found,) = self.assert_found(
            self.run_in_racks(*sorted(self.working)), "dhcp-server-unheard"
        )
        self.assertEqual("compute3", found.location.host)
        self.assertIn("10.2.0.250", found.summary)

    def test_servers_that_are_relayed_to(self) -> None:
        for server in ("10.1.0.250", "192.0.2.5"):
            self.working = {server}
            self.deaf = set()
            self.assert_found(self.run_in_racks(server, relayed=True))
            self.deaf = {"compute3", "compute4"}
            (found,) = self.assert_found(
                self.run_in_racks(server, relayed=True), "dhcp-server-unheard"
            )
            self.assertEqual(
                ("compute3 on tunnel", "compute4 on tunnel"), found.affects
            )

    def test_servers_that_share_the_clients_out(self) -> None:
        other = "10.0.1.201"

        def answer(host: str, request: requests.ProbeDhcp) -> Any:
            server = SERVER if host in {"compute1", "compute2"} else other
            self.servers = [("eth1", 0, server, MAC)]
            return self._answer(host, request)

        self.rack.replies["probe.dhcp"] = answer
        found = self.assert_found(
            self.run_check(_expected(4, SERVER, other)),
            "dhcp-server-unheard",
            "dhcp-server-unheard",
        )
        for one in found:
            self.assertEqual(finding.Severity.WARNING, one.severity)
            self.assertEqual((), one.affects)

    def test_a_stranger_is_told_once(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        outcome = self.run_check()
        (found,) = self.assert_found(outcome, "dhcp-rogue-server")
        self.assertEqual(finding.Location(network="tunnel"), found.location)
        self.assertEqual(finding.Severity.CRITICAL, found.severity)
        self.assertIn(f"{SERVER} ({MAC})", found.summary)
        self.assertEqual(
            ["passed", "failed"],
            [one["status"] for one in outcome.result.measurements["networks"]],
        )

    def test_two_strangers_are_two(self) -> None:
        self.servers = [
            ("eth1", 0, SERVER, MAC),
            ("eth1", 0, "10.0.1.201", "02:00:00:00:ff:02"),
        ]
        self.assert_found(
            self.run_check(), "dhcp-rogue-server", "dhcp-rogue-server"
        )

    def test_one_of_ours(self) -> None:
        self.servers = [("eth1", 0, SERVER, talking.mac("compute2", "eth1"))]
        (found,) = self.assert_found(self.run_check(), "dhcp-rogue-server")
        self.assertEqual("compute2", found.location.host)
        self.assertEqual("eth1", found.location.device)

    def test_nothing_is_configured(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        outcome = self.run_check(inventory.Inventory())
        (found,) = self.assert_found(outcome, "dhcp-rogue-server")
        self.assertEqual(finding.Severity.WARNING, found.severity)
        self.assertEqual(report.CheckStatus.WARNING, outcome.result.status)

    def test_an_expected_one(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        outcome = self.run_check(_expected(4, SERVER))
        self.assert_found(outcome)
        self.assertEqual(
            [{}, {SERVER: 4}],
            [
                one["expected"]
                for one in outcome.result.measurements["networks"]
            ],
        )

    def test_a_stranger_beside_an_expected_one(self) -> None:
        self.servers = [
            ("eth1", 0, SERVER, MAC),
            ("eth1", 0, "10.0.1.201", "02:00:00:00:ff:02"),
        ]
        (found,) = self.assert_found(
            self.run_check(_expected(4, SERVER)), "dhcp-rogue-server"
        )
        self.assertIn("10.0.1.201", found.summary)
        self.assertEqual(finding.Confidence.CERTAIN, found.confidence)

    def test_an_expected_one_that_nobody_hears(self) -> None:
        (found,) = self.assert_found(
            self.run_check(_expected(4, SERVER)), "dhcp-server-silent"
        )
        self.assertEqual(finding.Severity.CRITICAL, found.severity)

    def test_one_that_stands_by(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        (found,) = self.assert_found(
            self.run_check(_expected(4, SERVER, "10.0.1.201")),
            "dhcp-server-silent",
        )
        self.assertEqual(finding.Severity.WARNING, found.severity)

    def test_an_expected_one_that_a_host_does_not_hear(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        self.deaf = {"compute3"}
        (found,) = self.assert_found(
            self.run_check(_expected(4, SERVER)), "dhcp-server-unheard"
        )
        self.assertEqual("compute3", found.location.host)
        self.assertEqual("eth1", found.location.device)

    def test_a_server_does_not_hear_itself(self) -> None:
        own = talking.mac("compute3", "eth1")
        self.deaf = {"compute3"}
        for server in ("10.0.1.3", SERVER):
            self.servers = [("eth1", 0, server, own)]
            self.assert_found(self.run_check(_expected(4, server)))

    def test_a_host_that_reaches_nobody(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        self.deaf = {"compute3"}
        self.rack.rules["cut"] = lambda at, one, other, size: float(
            at is simulation.Stage.WIRE and "compute3" in (one, other)
        )
        outcome = self.run_check(_expected(4, SERVER))
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.assertIn(
            "compute3 reaches no host on tunnel", outcome.result.reason or ""
        )

    def test_an_interface_that_is_down(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        self.rack.nics["compute3"]["tunnel"].admin_up = False
        outcome = self.run_check(_expected(4, SERVER))
        self.assert_found(outcome, "host-interface-down")
        self.assertNotIn(
            "eth1", [x.interface for x in self.requests["compute3"].places]
        )

    def test_a_device_without_hardware_addresses(self) -> None:
        with mock.patch.object(talking, "mac", lambda *_: "00:00:00:00"):
            outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual({}, self.requests)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )

    def test_hosts_that_routes_lead_to(self) -> None:
        for nics in self.rack.nics.values():
            nics["tunnel"].routed()
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        self.assertEqual(
            {"eth0"},
            {
                place.interface
                for one in self.requests.values()
                for place in one.places
            },
        )

    def test_an_agent_that_cannot(self) -> None:
        def fail(host: str, request: Any) -> Any:
            if host == "compute1":
                raise errors.OperationError(errors.ErrorCode.FAILED, "no")
            return self._answer(host, request)

        self.rack.replies["probe.dhcp"] = fail
        outcome = self.run_check()
        self.assert_found(outcome, "agent-operation-failed")
        self.assertNotEqual(report.CheckStatus.PASSED, outcome.result.status)

    def test_nobody_answers(self) -> None:
        self.rack.silent = set(self.rack.nics)
        outcome = self.run_check()
        self.assert_found(outcome, "agent-no-answer")
        self.assertNotEqual(report.CheckStatus.PASSED, outcome.result.status)

    def test_vlans_of_an_interface(self) -> None:
        self.servers = [("eth1", 101, SERVER, MAC)]
        outcome = self.run_check(
            interfaces=("eth1", "compute4:nope"), vlans="100-102"
        )
        codes = {one.code: one for one in outcome.findings}
        self.assertEqual(
            {"dhcp-rogue-server", "host-interface-missing"}, set(codes)
        )
        self.assertIn("VLAN 101", codes["dhcp-rogue-server"].summary)
        self.assertEqual("rogue-dhcp", codes["host-interface-missing"].check)
        (place,) = self.requests["compute1"].places
        self.assertEqual((100, 101, 102), place.ids)

    def test_an_interface_without_vlans(self) -> None:
        self.run_check(interfaces=("eth1",))
        (place,) = self.requests["compute1"].places
        self.assertEqual((0,), place.ids)

    def test_neutrons_networks(self) -> None:
        known = msgspec.structs.replace(
            _expected(4),
            physical_networks=(
                inventory.ExpectedPhysicalNetwork(
                    name="p", interfaces={"*": "eth1"}
                ),
            ),
        )

        def cloud() -> Any:
            return (
                provider.ProviderNetwork(
                    name="lab",
                    physical_network="p",
                    vlan=100,
                    dhcp_servers=("10.9.0.2",),
                ),
                provider.ProviderNetwork(
                    name="bare", physical_network="p", vlan=200
                ),
                provider.ProviderNetwork(
                    name="far", physical_network="q", vlan=300
                ),
            )

        self.assert_found(self.run_check(known, cloud))
        place = self.requests["compute1"].places[1]
        self.assertEqual((0, 100, 200), place.ids)
        self.servers = [("eth1", 100, "10.9.0.2", MAC)]
        self.assert_found(self.run_check(known, cloud))
        for vlan, severity in (
            (100, finding.Severity.CRITICAL),
            (200, finding.Severity.WARNING),
        ):
            self.servers = [("eth1", vlan, SERVER, MAC)]
            (found,) = self.assert_found(
                self.run_check(known, cloud), "dhcp-rogue-server"
            )
            self.assertEqual(severity, found.severity)
            self.assertIn(f"p VLAN {vlan}", found.summary)
        self.servers = []
        outcome = self.run_check(known, lambda: None)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.run_check(known, cloud, networks=("tunnel",))
        (place,) = self.requests["compute1"].places
        self.assertEqual((0,), place.ids)

    def test_options_that_name_nothing(self) -> None:
        for options in (
            {"vlans": "100"},
            {"physical_networks": ("nope",)},
            {"networks": ("nope",)},
            {"networks": ("tunnel",), "vlans": "100"},
            {"interfaces": ("nobody:eth1",)},
            {"interfaces": ("eth1",), "vlans": "1-1001"},
        ):
            with self.subTest(options), self.assertRaises(base.UsageError):
                self.run_check(**options)

    def test_a_report(self) -> None:
        self.servers = [("eth1", 0, SERVER, MAC)]
        told = runner.run(
            "test",
            [check.RogueDhcpCheck()],
            base.Context(fleet=self.rack, inventory=_expected(4)),
        )
        self.assertEqual(report.Verdict.FAULTY, told.verdict)
