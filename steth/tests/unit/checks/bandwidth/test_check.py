# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
import unittest

import msgspec

from steth.checks import base
from steth.checks import merging
from steth.checks.bandwidth import check
from steth.controller import outcome
from steth.model import bridge
from steth.model import finding
from steth.model import inventory
from steth.model import report
from steth.model import task
from steth.model import throughput
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests
from steth.tests.unit.checks.mesh import simulation
from steth.tests.unit.report import samples

MINIMUM = 100


class Fleet:
    """A simulated rack whose hosts send as fast as ``mbits`` tells.

    ``mbits`` is given sender, receiver and how many tests run at once.
    ``errors`` are what a host answers instead, by host and operation.
    """

    def __init__(
        self, hosts: int, mbits: Callable[[str, str, int], float]
    ) -> None:
        self.rack = simulation.rack(hosts)
        self.mbits = mbits
        self.errors: dict[tuple[str, str], errors.OperationError] = {}
        self.rounds: list[list[tuple[str, str]]] = []
        self.servers: set[tuple[str, int]] = set()
        self.agents = self.rack.agents
        self.asked_for_bridges: list[str] = []

    def ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        *,
        seconds: float,
    ) -> Mapping[str, outcome.Outcome]:
        """Answer as the agents would."""
        if operation is contract.INSPECT_HOST:
            return self.rack.ask(operation, asked, seconds=seconds)
        if operation is contract.PROBE_THROUGHPUT:
            self.rounds.append(
                [
                    (host, self.owner(one.address))
                    for host, one in asked.items()
                    if isinstance(one, requests.ProbeThroughput)
                ]
            )
        return {
            host: self.answer(operation, host, one, len(asked))
            for host, one in asked.items()
        }

    def owner(self, address: str) -> str:
        return next(
            host
            for host, nics in self.rack.nics.items()
            if address in [nic.address for nic in nics.values()]
        )

    def answer(
        self,
        operation: contract.Operation,
        host: str,
        asked: requests.Request,
        at_once: int,
    ) -> outcome.Outcome:
        error = self.errors.get((host, operation.name))
        if error is not None:
            return outcome.Outcome(host=host, error=error)
        data: Any = None
        if isinstance(asked, requests.InspectBridges):
            self.asked_for_bridges.append(host)
            data = bridge.BridgeSnapshot(host=host, taken_at="", bridges=())
        elif isinstance(asked, requests.ThroughputServer):
            port = 5201 + len(self.servers) % 100
            self.servers.add((host, port))
            data = throughput.ThroughputServer(
                task=task.TaskInfo(
                    id=f"{port:032x}",
                    kind=operation.name,
                    detail="",
                    started_at="",
                    lease_end="",
                    remaining=1.0,
                ),
                address=asked.address,
                port=port,
            )
        elif isinstance(asked, requests.ProbeThroughput):
            target = self.owner(asked.address)
            self.servers.remove((target, asked.port))
            mbits = self.mbits(host, target, at_once)
            data = throughput.ThroughputReport(
                protocol=asked.protocol,
                bits_per_second=1e6 * min(mbits, asked.rate or mbits),
                seconds=float(asked.seconds),
                retransmits=0,
            )
        elif isinstance(asked, requests.TaskStop):
            self.servers.discard((host, int(asked.id, 16)))
        return outcome.Outcome(host=host, data=data)


def fast(one: str, other: str, at_once: int) -> float:
    return 1000.0


def busy(one: str, other: str, at_once: int) -> float:
    # As where all hosts share one machine's processors.
    return 120.0 / at_once


class BandwidthCheckTestCase(unittest.TestCase):
    def check(
        self,
        fleet: Fleet,
        minimum: int | None = MINIMUM,
        explained: Mapping[tuple[str, str, str], finding.Finding] = {},
        **options: Any,
    ) -> base.CheckOutcome:
        expected = simulation.expected(len(fleet.agents))
        self.announced: list[str] = []
        return check.BandwidthCheck().run(
            base.Context(
                fleet=fleet,
                inventory=inventory.Inventory(
                    networks=tuple(
                        msgspec.structs.replace(one, minimum_bandwidth=minimum)
                        for one in expected.networks
                    )
                ),
                options=base.Options(
                    networks=("tunnel",),
                    throughput=base.Throughput(**options),
                ),
                announce=self.announced.append,
                explained=dict(explained),
            )
        )

    def assert_silent(self, told: base.CheckOutcome) -> None:
        self.assertEqual((), told.findings)
        self.assertIs(report.CheckStatus.PASSED, told.result.status)

    def found(
        self, told: base.CheckOutcome
    ) -> list[tuple[str, str | None, str]]:
        return [
            (one.code, one.location.host, str(one.severity))
            for one in told.findings
        ]

    def test_health(self) -> None:
        for hosts in (2, 3, 4, 7, 50):
            for minimum in (MINIMUM, None):
                for simultaneous in (False, True):
                    fleet = Fleet(hosts, fast)
                    self.assert_silent(
                        self.check(fleet, minimum, simultaneous=simultaneous)
                    )
                    self.assertLessEqual(len(fleet.rounds), 6)
                    self.assertFalse(fleet.servers)

    def test_busy_machine(self) -> None:
        told = self.check(Fleet(4, busy))
        self.assert_silent(told)

    def test_announced_before_anything_is_sent(self) -> None:
        fleet = Fleet(4, fast)
        self.check(fleet, seconds=3, rate=50)
        (said,) = self.announced
        self.assertIn("12 tests of 3 s, TCP, each at most 50 Mbit/s", said)
        self.assertIn("up to 2 tests at once", said)

    def test_row(self) -> None:
        told = self.check(Fleet(4, fast))
        (row,) = told.result.measurements["networks"]
        tests = row.pop("tests")
        self.assertEqual(
            {
                "name": "tunnel",
                "cidrs": ["10.0.1.0/24"],
                "hosts": 4,
                "hosts_expected": 4,
                "pairs_tested": 6,
                "pairs": 6,
                "min_mbits": 1000.0,
                "median_mbits": 1000.0,
                "max_mbits": 1000.0,
                "slowest_host": "compute1",
                "status": "passed",
            },
            row,
        )
        self.assertEqual(12, len(tests))

    def test_the_slowest_host(self) -> None:
        """It is slow in one direction, where the others share a processor."""

        def mbits(one: str, other: str, at_once: int) -> float:
            if other == "compute2":
                return 20.0
            return 3000.0 if one == "compute2" else 300.0

        (row,) = self.check(Fleet(4, mbits)).result.measurements["networks"]
        self.assertEqual("compute2", row["slowest_host"])

    def test_who_has_the_address_on_a_bridge_of_open_vswitch(self) -> None:
        fleet = Fleet(3, fast)
        fleet.agents = tuple(
            msgspec.structs.replace(
                one, operations=(*one.operations, "inspect.bridges")
            )
            for one in fleet.agents
        )
        self.check(fleet)
        self.assertEqual([], fleet.asked_for_bridges)
        fleet.rack.nics["compute2"]["tunnel"].kind = "openvswitch"
        self.check(fleet)
        self.assertEqual(["compute2"], fleet.asked_for_bridges)

    def test_bounded_rounds_are_told(self) -> None:
        told = self.check(Fleet(20, fast))
        self.assert_silent(told)
        self.assertIn("60 of 190 pairs on tunnel", told.result.reason or "")

    def test_slow_host(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 9.0 if "compute3" in (one, other) else 1000.0

        fleet = Fleet(6, mbits)
        told = self.check(fleet)
        self.assertEqual(
            [("underlay-bandwidth-host", "compute3", "critical")],
            self.found(told),
        )
        self.assertIs(report.CheckStatus.FAILED, told.result.status)
        (one,) = told.findings
        self.assertEqual("eth1", one.location.device)
        self.assertIn("passes at most 9 Mbit/s", one.summary)
        # Two of its pairs were tested again, alone.
        self.assertEqual([1, 1], [len(test) for test in fleet.rounds[6:]])

    def test_slow_receiver_in_few_rounds(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 9.0 if other == "compute3" else 1000.0

        told = self.check(Fleet(30, mbits))
        self.assertEqual(
            [("underlay-bandwidth-host", "compute3", "critical")],
            self.found(told),
        )
        self.assertIn("receives at most", told.findings[0].summary)

    def test_without_a_minimum_it_is_a_warning(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 9.0 if "compute3" in (one, other) else 1000.0

        told = self.check(Fleet(6, mbits), None)
        self.assertEqual(
            [("underlay-bandwidth-host", "compute3", "warning")],
            self.found(told),
        )
        self.assertIs(report.CheckStatus.WARNING, told.result.status)
        self.assertIs(finding.Confidence.LIKELY, told.findings[0].confidence)

    def test_slow_path(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            racks = {"compute1", "compute2"}, {"compute5", "compute6"}
            return 9.0 if all({one, other} & rack for rack in racks) else 999.0

        told = self.check(Fleet(6, mbits), rounds=1000)
        self.assertEqual(
            [("underlay-bandwidth-pair", None, "critical")], self.found(told)
        )
        self.assertEqual("tunnel", told.findings[0].location.network)
        self.assertEqual(
            ("8 of 30 pairs on tunnel",), told.findings[0].affects
        )

    def test_slow_network(self) -> None:
        told = self.check(Fleet(6, lambda one, other, at_once: 9.0))
        self.assertEqual(
            [("underlay-bandwidth-network", None, "critical")],
            self.found(told),
        )

    def test_two_hosts(self) -> None:
        told = self.check(Fleet(2, lambda one, other, at_once: 9.0))
        self.assertEqual(
            [("underlay-bandwidth-network", None, "critical")],
            self.found(told),
        )

    def test_oversubscribed(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 400.0 / at_once

        told = self.check(Fleet(8, mbits), simultaneous=True)
        self.assertEqual(
            [("underlay-bandwidth-oversubscribed", None, "critical")],
            self.found(told),
        )
        self.assert_silent(self.check(Fleet(8, mbits)))

    def test_slow_host_among_all_at_once(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 9.0 if other == "compute3" else 1000.0

        told = self.check(Fleet(6, mbits), simultaneous=True)
        self.assertEqual(
            [("underlay-bandwidth-host", "compute3", "critical")],
            self.found(told),
        )

    def test_a_host_without_iperf3(self) -> None:
        fleet = Fleet(4, fast)
        missing = errors.OperationError(
            errors.ErrorCode.MISSING, "iperf3 is not installed"
        )
        for operation in (
            contract.PROBE_THROUGHPUT,
            contract.PROBE_THROUGHPUT_SERVER,
        ):
            fleet.errors["compute2", operation.name] = missing
        told = self.check(fleet)
        self.assertEqual(
            [("agent-operation-failed", "compute2", "warning")],
            self.found(told),
        )
        self.assertIs(report.CheckStatus.INCONCLUSIVE, told.result.status)
        self.assertIn(
            "compute2: iperf3 is not installed", told.result.reason or ""
        )
        (row,) = told.result.measurements["networks"]
        self.assertEqual(3, row["pairs_tested"])
        self.assertEqual("inconclusive", row["status"])
        self.assertFalse(fleet.servers)

    def test_no_host_has_iperf3(self) -> None:
        fleet = Fleet(4, fast)
        for one in fleet.agents:
            fleet.errors[one.host, contract.PROBE_THROUGHPUT_SERVER.name] = (
                errors.OperationError(
                    errors.ErrorCode.MISSING, "iperf3 is not installed"
                )
            )
        told = self.check(fleet)
        self.assertEqual([], self.found(told))
        self.assertIs(report.CheckStatus.SKIPPED, told.result.status)

    def test_tests_that_come_to_nothing(self) -> None:
        fleet = Fleet(3, fast)
        fleet.errors["compute2", contract.PROBE_THROUGHPUT.name] = (
            errors.OperationError(
                errors.ErrorCode.FAILED, "Connection timed out"
            )
        )
        told = self.check(fleet)
        self.assertEqual((), told.findings)
        self.assertIs(report.CheckStatus.INCONCLUSIVE, told.result.status)
        self.assertIn("Connection timed out", told.result.reason or "")
        self.assertFalse(fleet.servers)

    def test_what_an_earlier_check_found_is_the_cause(self) -> None:
        """Of compute3 alone: what else is slow has a cause of its own."""

        def mbits(one: str, other: str, at_once: int) -> float:
            if "compute3" in (one, other):
                return 2.0
            return 9.0 if "compute5" in (one, other) else 1000.0

        known = samples.no_carrier(
            code="underlay-partial-loss",
            location=finding.Location(
                host="compute3", device="eth1", network="tunnel"
            ),
        )
        explained = {
            ("tunnel", "compute3", f"compute{number}"): known
            for number in (1, 2, 4, 5, 6)
        }
        fleet = Fleet(6, mbits)
        told = self.check(fleet, explained=explained)
        self.assertEqual(
            [
                ("underlay-bandwidth-host", "compute5", "critical"),
                ("underlay-partial-loss", "compute3", "critical"),
            ],
            sorted(self.found(told)),
        )
        (one,) = merging.merged([known, *told.findings])[:1]
        self.assertEqual(("bandwidth",), one.also_found_by)
        self.assertIn(
            "of 18 tests of bandwidth on tunnel 6 fall short", one.affects
        )
        # Nothing was tested again because of compute3.
        again = {host for test in fleet.rounds[6:] for host in test[0]}
        self.assertIn("compute5", again)

    def test_tests_come_to_nothing_where_nothing_passes(self) -> None:
        fleet = Fleet(3, fast)
        fleet.errors["compute2", contract.PROBE_THROUGHPUT.name] = (
            errors.OperationError(
                errors.ErrorCode.FAILED, "Connection timed out"
            )
        )
        known = samples.no_carrier(
            location=finding.Location(
                host="compute2", device="eth1", network="tunnel"
            )
        )
        told = self.check(
            fleet,
            explained={
                ("tunnel", source, target): known
                for source, target in (
                    ("compute1", "compute2"),
                    ("compute2", "compute3"),
                )
            },
        )
        self.assertEqual(
            [("underlay-no-carrier", "compute2", "critical")],
            self.found(told),
        )
        self.assertEqual(
            ("of 6 tests of bandwidth on tunnel 2 come to nothing",),
            told.findings[0].affects,
        )
        (row,) = told.result.measurements["networks"]
        self.assertEqual("failed", row["status"])

    def test_a_warning_is_worse_where_a_minimum_is_missed(self) -> None:
        def mbits(one: str, other: str, at_once: int) -> float:
            return 9.0 if "compute3" in (one, other) else 1000.0

        known = samples.no_carrier(
            code="underlay-speed-low",
            severity=finding.Severity.WARNING,
            location=finding.Location(host="compute3", device="eth1"),
        )
        explained = {
            ("tunnel", "compute3", f"compute{number}"): known
            for number in (1, 2, 4)
        }
        for minimum, severity in ((MINIMUM, "critical"), (None, "warning")):
            told = self.check(Fleet(4, mbits), minimum, explained)
            self.assertEqual(
                [("underlay-speed-low", "compute3", severity)],
                self.found(told),
            )

    def test_silent_agent(self) -> None:
        fleet = Fleet(4, fast)
        fleet.rack.silent.add("compute4")
        fleet.agents = fleet.rack.agents
        told = self.check(fleet)
        self.assertEqual(
            [("agent-no-answer", "compute4", "critical")], self.found(told)
        )

    def test_unknown_network(self) -> None:
        with self.assertRaisesRegex(base.UsageError, "no network nowhere"):
            check.BandwidthCheck().run(
                base.Context(
                    fleet=Fleet(2, fast),
                    inventory=inventory.Inventory(),
                    options=base.Options(networks=("nowhere",)),
                )
            )
