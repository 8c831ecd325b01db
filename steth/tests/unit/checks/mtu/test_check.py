# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks import runner
from steth.checks.connectivity import check as connectivity_check
from steth.checks.mtu import check
from steth.model import inventory
from steth.model import report
from steth.tests.unit.checks.mesh import simulation

HOST = "compute2"


def _run(
    rack: simulation.Rack, expected: inventory.Inventory | None = None
) -> base.CheckOutcome:
    return check.MtuCheck().run(
        base.Context(fleet=rack, inventory=expected or inventory.Inventory())
    )


def _limit(rack: simulation.Rack, size: int) -> None:
    """Let the wire of the host drop longer packets on the tunnel network."""
    for nics in rack.nics.values():
        del nics["mgmt"]
    rack.rules["big"] = lambda at, one, other, length: float(
        at is simulation.Stage.WIRE and HOST in (one, other) and length > size
    )


class MtuCheckTestCase(unittest.TestCase):
    """The path MTU of every pair is found, and who limits it."""

    def test_health_is_one_round(self) -> None:
        for hosts in (2, 3, 50):
            for expected in (None, simulation.expected(hosts)):
                with self.subTest(hosts=hosts, configured=bool(expected)):
                    rack = simulation.rack(hosts)
                    outcome = _run(rack, expected)
                    self.assertEqual((), outcome.findings)
                    self.assertEqual(
                        report.CheckStatus.PASSED, outcome.result.status
                    )
                    self.assertEqual(
                        [("inspect.host", hosts), ("probe.icmp", hosts)],
                        rack.asked,
                    )
                    self.assertEqual(
                        [1500, 9000],
                        sorted(
                            one["smallest"]
                            for one in outcome.result.measurements["networks"]
                        ),
                    )

    def test_black_hole(self) -> None:
        for size in (1400, 4321, 8999):
            rack = simulation.rack(4)
            _limit(rack, size)
            with self.subTest(size=size):
                outcome = _run(rack)
                (found,) = outcome.findings
                self.assertEqual("underlay-mtu-black-hole", found.code)
                self.assertEqual("mtu", found.check)
                self.assertEqual(HOST, found.location.host)
                self.assertEqual(
                    f"{size} bytes pass, {size + 1} do not",
                    found.evidence[-1].observed,
                )
                (row,) = outcome.result.measurements["networks"]
                self.assertEqual(
                    (12, 6, 12, size, 9000, "failed"),
                    (
                        row["pairs"],
                        row["pairs_ok"],
                        row["pairs_measured"],
                        row["smallest"],
                        row["largest"],
                        row["status"],
                    ),
                )
                self.assertEqual(
                    {size}, {one["path_mtu"] for one in row["too_small"]}
                )
                self.assertEqual(6, len(row["too_small"]))

    def test_small_interface(self) -> None:
        rack = simulation.rack(4)
        rack.nics[HOST]["tunnel"].mtu = 1400
        outcome = _run(rack)
        (found,) = outcome.findings
        self.assertEqual(
            ("host-mtu-small", HOST), (found.code, found.location.host)
        )
        rows = outcome.result.measurements["networks"]
        self.assertIn(1400, [one["smallest"] for one in rows])

    def test_interfaces_that_take_more_than_is_needed(self) -> None:
        rack = simulation.rack(3)
        for nics in rack.nics.values():
            nics["mgmt"].mtu = 9000
        outcome = _run(rack, simulation.expected(3))
        self.assertEqual((), outcome.findings)
        rows = outcome.result.measurements["networks"]
        self.assertEqual(
            [(1500, 9000), (9000, 9000)],
            [(one["needed"], one["smallest"]) for one in rows],
        )
        self.assertEqual(3, len(rack.asked))

    def test_what_nothing_passes_is_not_measured(self) -> None:
        rack = simulation.rack(3)
        rack.nics[HOST]["tunnel"].carrier = False
        outcome = _run(rack)
        self.assertEqual(
            ["underlay-no-carrier"], [one.code for one in outcome.findings]
        )
        rows = outcome.result.measurements["networks"]
        self.assertEqual(
            [(6, 6), (2, 6)],
            sorted(
                ((one["pairs_measured"], one["pairs"]) for one in rows),
                reverse=True,
            ),
        )

    def test_an_agent_that_dies_between_the_rounds(self) -> None:
        rack = simulation.rack(4)
        _limit(rack, 4321)
        rack.dies_after["compute3"] = 3
        self.assertEqual(
            ["agent-no-answer", "underlay-mtu-black-hole"],
            sorted(one.code for one in _run(rack).findings),
        )

    def test_one_fault_is_one_finding_beside_connectivity(self) -> None:
        rack = simulation.rack(4)
        _limit(rack, 4321)
        told = runner.run(
            "x",
            [connectivity_check.ConnectivityCheck(), check.MtuCheck()],
            base.Context(fleet=rack, inventory=inventory.Inventory()),
        )
        (found,) = told.findings
        self.assertEqual("connectivity", found.check)
        self.assertEqual(("mtu",), found.also_found_by)
        self.assertEqual(
            1, [name for name, _ in rack.asked].count("inspect.host")
        )
