# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from typing import Any
import unittest

from steth.checks import base
from steth.checks.multicast import check
from steth.model import finding
from steth.model import inventory
from steth.model import multicast
from steth.model import report
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks import talking
from steth.tests.unit.checks.mesh import simulation
from steth.tests.unit.report import samples

#: Whether a message does not pass from a host to another on the tunnel.
Drop = Callable[[str, str], bool]


class MulticastTestCase(unittest.TestCase):
    """What multicast alone does not pass is told once, at its host."""

    def setUp(self) -> None:
        self.rack = talking.rack(4)
        self.rack.replies["probe.multicast"] = self._answer
        self.drop: Drop = lambda source, target: False
        #: Hosts that drop what arrives.
        self.filters: set[str] = set()
        self.lost: dict[str, int] = {}
        self.runs: list[int] = []
        self.passes = 0
        #: How many passes the first loss lasts.
        self.flaky = 99

    def _answer(self, host: str, request: requests.ProbeMulticast) -> Any:
        if request.run not in self.runs:
            self.runs.append(request.run)
        names = sorted(
            name for name in self.rack.nics if name not in self.rack.silent
        )
        results = []
        for place in request.places:
            arrived = tuple(
                index
                for index, name in enumerate(names[: request.hosts])
                if name != host
                and not (
                    place.interface == "eth1"
                    and len(self.runs) <= self.flaky
                    and self.drop(name, host)
                )
            )
            results.append(
                multicast.GroupResult(
                    interface=place.interface,
                    address=place.address,
                    heard=() if host in self.filters else arrived,
                    arrived=arrived,
                    sent=request.count,
                )
            )
        return multicast.MulticastReport(
            results=tuple(results),
            lost=self.lost.get(host, 0),
            duration=2.5,
        )

    def run_check(self, **options: Any) -> base.CheckOutcome:
        return check.MulticastCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=simulation.expected(len(self.rack.nics)),
                options=base.Options(**options),
            )
        )

    def assert_found(
        self, outcome: base.CheckOutcome, *codes: str
    ) -> list[finding.Finding]:
        self.assertEqual(list(codes), [one.code for one in outcome.findings])
        return list(outcome.findings)

    def test_health_is_one_round(self) -> None:
        for hosts in (2, 3, 4):
            self.rack.nics = simulation.rack(hosts).nics
            self.rack.asked = []
            outcome = self.run_check()
            self.assert_found(outcome)
            self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
            self.assertEqual(
                [("inspect.host", hosts), ("probe.multicast", hosts)],
                self.rack.asked,
            )
            for row in outcome.result.measurements["networks"]:
                self.assertEqual(hosts * (hosts - 1), row["pairs_ok"])

    def test_without_configuration(self) -> None:
        outcome = check.MulticastCheck().run(
            base.Context(fleet=self.rack, inventory=inventory.Inventory())
        )
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)

    def share_interface(self) -> None:
        """Put both networks on one interface of each host."""
        for number in range(1, 1 + len(self.rack.nics)):
            self.rack.nics[f"compute{number}"] = {
                "both": simulation.Nic(
                    "eth0", f"10.0.0.{number}", extra=(f"10.0.1.{number}",)
                )
            }

    def test_two_networks_on_one_interface(self) -> None:
        self.share_interface()
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        self.assertEqual(
            [("mgmt", 12), ("tunnel", 12)],
            [
                (row["network"], row["pairs_ok"])
                for row in outcome.result.measurements["networks"]
            ],
        )

    def test_a_host_on_one_of_two_networks_of_an_interface(self) -> None:
        """It drops what has a source of the other (strict rp_filter)."""
        self.share_interface()
        self.rack.nics["compute4"] = {
            "tunnel": simulation.Nic("eth0", "10.0.1.4")
        }
        sent_from: dict[int, set[str]] = {}

        def answer(host: str, request: requests.ProbeMulticast) -> Any:
            of_run = sent_from.setdefault(request.run, set())
            of_run.update(one.address for one in request.places)
            strange = {one for one in of_run if one.startswith("10.0.0.")}
            self.filters = {"compute4"} if strange else set()
            return self._answer(host, request)

        self.rack.replies["probe.multicast"] = answer
        outcome = check.MulticastCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=inventory.Inventory(
                    networks=(
                        inventory.ExpectedNetwork(
                            name="mgmt",
                            cidrs=("10.0.0.0/24",),
                            hosts=("compute1", "compute2", "compute3"),
                        ),
                        inventory.ExpectedNetwork(
                            name="tunnel", cidrs=("10.0.1.0/24",)
                        ),
                    )
                ),
            )
        )
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        self.assertEqual(2, len(sent_from))

    def test_both_networks_of_an_interface_once_more(self) -> None:
        """Each from its own addresses, though all is told in either."""
        self.share_interface()
        self.filters = {"compute2"}
        self.assert_found(
            self.run_check(),
            "host-multicast-filtered",
            "host-multicast-filtered",
        )
        self.assertEqual(3, len(self.runs))

    def run_in_racks(self, *sizes: int) -> base.CheckOutcome:
        """Run the check on a network that is routed between racks."""
        self.rack.nics = {
            f"compute{rack * 10 + number}": {
                "tunnel": simulation.Nic("eth1", f"10.{rack}.0.{number}")
            }
            for rack, size in enumerate(sizes, 1)
            for number in range(1, size + 1)
        }
        dropped = self.drop
        self.drop = lambda one, other: (
            one[:-1] != other[:-1] or dropped(one, other)
        )
        return check.MulticastCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=inventory.Inventory(
                    networks=(
                        inventory.ExpectedNetwork(
                            name="tunnel",
                            cidrs=tuple(
                                f"10.{rack}.0.0/24"
                                for rack, _ in enumerate(sizes, 1)
                            ),
                        ),
                    )
                ),
            )
        )

    def test_racks_do_not_hear_each_other(self) -> None:
        outcome = self.run_in_racks(3, 2, 1)
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        (row,) = outcome.result.measurements["networks"]
        self.assertEqual(
            (5, 8, 8, [], []),
            (
                row["hosts"],
                row["pairs"],
                row["pairs_ok"],
                row["hears_nobody"],
                row["nobody_hears"],
            ),
        )

    def test_a_host_that_its_rack_does_not_hear(self) -> None:
        self.drop = lambda source, target: source == "compute12"
        outcome = self.run_in_racks(3, 3)
        (found,) = self.assert_found(outcome, "underlay-multicast-blocked")
        self.assertEqual("compute12", found.location.host)
        self.assertIn("tunnel 10.1.0.0/24", found.summary)
        self.assertEqual(
            ("2 of 6 pairs on tunnel 10.1.0.0/24",), found.affects
        )
        (row,) = outcome.result.measurements["networks"]
        self.assertEqual(["compute12"], row["nobody_hears"])

    def test_a_rack_without_any_multicast(self) -> None:
        self.drop = lambda source, target: source.startswith("compute1")
        (found,) = self.assert_found(
            self.run_in_racks(3, 3), "underlay-multicast-silent"
        )
        self.assertIn("tunnel 10.1.0.0/24", found.summary)

    def test_all_racks_filter(self) -> None:
        self.filters = {"compute11", "compute12", "compute21", "compute22"}
        (found,) = self.assert_found(
            self.run_in_racks(2, 2, 1), "host-multicast-filtered"
        )
        self.assertIsNone(found.location.host)

    def test_a_host_without_ping_in_a_rack(self) -> None:
        self.drop = lambda source, target: "compute12" in (source, target)
        self.rack.rules["cut"] = lambda at, one, other, size: float(
            at is simulation.Stage.WIRE and "compute12" in (one, other)
        )
        outcome = self.run_in_racks(3, 3)
        self.assert_found(outcome)
        self.assertIn("for compute12 on tunnel", outcome.result.reason or "")

    def test_racks_of_one_host(self) -> None:
        outcome = self.run_in_racks(1, 1)
        self.assert_found(outcome)
        self.assertEqual(
            "no network has two hosts in one subnet", outcome.result.reason
        )

    def test_hosts_that_routes_lead_to(self) -> None:
        for nics in self.rack.nics.values():
            nics["tunnel"].routed()
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
        (row,) = outcome.result.measurements["networks"]
        self.assertEqual("mgmt", row["network"])

    def test_each_run_has_its_own_number(self) -> None:
        self.run_check()
        self.run_check()
        self.assertEqual(2, len(self.runs))

    def test_a_host_that_hears_nobody(self) -> None:
        self.drop = lambda source, target: target == "compute3"
        outcome = self.run_check()
        (found,) = self.assert_found(outcome, "underlay-multicast-blocked")
        self.assertEqual("compute3", found.location.host)
        self.assertEqual("eth1", found.location.device)
        self.assertIn("to compute3", found.summary)
        row = outcome.result.measurements["networks"][1]
        self.assertEqual(["compute3"], row["hears_nobody"])
        self.assertEqual([], row["nobody_hears"])

    def test_a_host_that_nobody_hears(self) -> None:
        self.drop = lambda source, target: source == "compute3"
        (found,) = self.assert_found(
            self.run_check(), "underlay-multicast-blocked"
        )
        self.assertEqual("compute3", found.location.host)
        self.assertIn("from compute3", found.summary)

    def test_neither(self) -> None:
        self.drop = lambda source, target: "compute3" in (source, target)
        (found,) = self.assert_found(
            self.run_check(), "underlay-multicast-blocked"
        )
        self.assertEqual("compute3", found.location.host)

    def test_one_direction_between_two(self) -> None:
        self.drop = lambda *way: way == ("compute1", "compute3")
        (found,) = self.assert_found(
            self.run_check(), "underlay-multicast-blocked"
        )
        self.assertEqual("compute3", found.evidence[0].host)

    def test_parts(self) -> None:
        left = {"compute1", "compute2"}
        self.drop = lambda source, target: (source in left) != (target in left)
        (found,) = self.assert_found(
            self.run_check(), "underlay-multicast-split"
        )
        self.assertIsNone(found.location.host)

    def test_nowhere(self) -> None:
        self.drop = lambda source, target: True
        for hosts in (2, 4):
            self.rack.nics = simulation.rack(hosts).nics
            (found,) = self.assert_found(
                self.run_check(), "underlay-multicast-silent"
            )
            self.assertEqual(finding.Severity.WARNING, found.severity)

    def test_a_loss_by_chance(self) -> None:
        self.drop = lambda source, target: target == "compute3"
        self.flaky = 1
        self.assert_found(self.run_check())

    def test_ping_does_not_pass_either(self) -> None:
        def cut(one: str, other: str) -> bool:
            return "compute3" in (one, other)

        self.drop = cut
        self.rack.rules["cut"] = lambda at, one, other, size: float(
            at is simulation.Stage.WIRE and cut(one, other)
        )
        outcome = self.run_check(networks=("tunnel",))
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.assertIn("for compute3 on tunnel", outcome.result.reason or "")

    def test_a_host_filters(self) -> None:
        self.filters = {"compute2"}
        (found,) = self.assert_found(
            self.run_check(networks=("tunnel",)), "host-multicast-filtered"
        )
        self.assertEqual("compute2", found.location.host)

    def test_a_host_that_drops_for_a_known_cause(self) -> None:
        """Another check of the run has told why."""
        self.filters = {"compute2"}
        known = {
            ("tunnel", "compute2", f"compute{number}"): samples.no_carrier()
            for number in (1, 3, 4)
        }
        outcome = check.MulticastCheck().run(
            base.Context(
                fleet=self.rack,
                inventory=simulation.expected(len(self.rack.nics)),
                options=base.Options(networks=("tunnel",)),
                explained=dict(known),
            )
        )
        self.assert_found(outcome)

    def test_all_hosts_filter(self) -> None:
        self.filters = set(self.rack.nics)
        (found,) = self.assert_found(
            self.run_check(networks=("tunnel",)), "host-multicast-filtered"
        )
        self.assertIsNone(found.location.host)

    def test_an_interface_that_is_down(self) -> None:
        self.rack.nics["compute4"]["tunnel"].admin_up = False
        outcome = self.run_check(networks=("tunnel",))
        self.assert_found(outcome, "host-interface-down")
        (row,) = outcome.result.measurements["networks"]
        self.assertEqual(3, row["hosts"])

    def test_messages_that_an_agent_lost(self) -> None:
        self.lost = {"compute3": 1}
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )

    def test_one_host(self) -> None:
        self.rack.nics = simulation.rack(1).nics
        outcome = self.run_check()
        self.assert_found(outcome)
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )

    def test_an_agent_that_cannot(self) -> None:
        def fail(host: str, request: Any) -> Any:
            if host == "compute4":
                raise errors.OperationError(errors.ErrorCode.FAILED, "no")
            return self._answer(host, request)

        self.rack.replies["probe.multicast"] = fail
        self.assert_found(self.run_check(), "agent-operation-failed")
