# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.model import finding
from steth.model import report
from steth.report import text
from steth.tests.unit.report import samples

HEALTHY = """\
+---------+-------+---------+------+----------------+------+--------+
| Network | Hosts |   Pairs | Loss | RTT ms p50/p99 |  MTU | Status |
+---------+-------+---------+------+----------------+------+--------+
| mgmt    |    12 | 132/132 |  0 % |    0.08 / 0.21 | 1500 | passed |
| tunnel  |    12 | 132/132 |  0 % |      0.08 / 12 | 9000 | passed |
+---------+-------+---------+------+----------------+------+--------+
2 agents answered (all on the bus), 4.2 s
"""

FAULTY = """\
+---------+-------+---------+--------+----------------+------+--------+
| Network | Hosts |   Pairs |   Loss | RTT ms p50/p99 |  MTU | Status |
+---------+-------+---------+--------+----------------+------+--------+
| tunnel  | 11/12 | 110/132 | 16.7 % |    0.08 / 0.21 | 1500 | failed |
+---------+-------+---------+--------+----------------+------+--------+

1 fault: underlay-no-carrier   critical, certain
  where     compute7, interface eth1 (network tunnel)
  what      compute7 reaches no host on tunnel: eth1 has no carrier
  expected  eth1 up with carrier
  observed  eth1 up, no carrier   (compute7, link state)
  affects   22 of 132 pairs on tunnel
  do        check cable and switch port of compute7 eth1

note: bus lost during the run
2 agents answered (all on the bus), 4.2 s
"""


class RenderTestCase(unittest.TestCase):
    """The report as a person reads it."""

    maxDiff = None

    def assert_rendered(
        self, expected: str, shown: report.Report, width: int = 100
    ) -> None:
        self.assertEqual(expected, text.render(shown, width))

    def test_healthy(self) -> None:
        self.assert_rendered(
            HEALTHY,
            samples.of(
                samples.network(),
                samples.network("tunnel", mtu=9000, rtt_p99_ms=12.3),
            ),
        )

    def test_fault(self) -> None:
        self.assert_rendered(
            FAULTY,
            samples.of(
                samples.network(
                    "tunnel",
                    hosts=11,
                    pairs_ok=110,
                    loss_percent=16.67,
                    status="failed",
                ),
                findings=(samples.no_carrier(),),
                notes=("bus lost during the run",),
                status=report.CheckStatus.FAILED,
            ),
        )

    def test_several_findings(self) -> None:
        warning = samples.no_carrier(
            code="underlay-latency", severity=finding.Severity.WARNING
        )
        shown = text.render(
            samples.of(
                samples.network(),
                findings=(warning, samples.no_carrier(), samples.no_carrier()),
            ),
            100,
        )
        titles = [
            line for line in shown.splitlines() if line.startswith(("f", "1"))
        ]
        self.assertEqual(
            [
                "fault 1 of 2: underlay-no-carrier   critical, certain",
                "fault 2 of 2: underlay-no-carrier   critical, certain",
                "1 warning: underlay-latency   warning, certain",
            ],
            titles,
        )

    def test_nothing_measured(self) -> None:
        self.assert_rendered(
            "connectivity: inconclusive: no network has two hosts on it\n"
            "2 agents answered (all on the bus), 4.2 s\n",
            samples.of(
                status=report.CheckStatus.INCONCLUSIVE,
                reason="no network has two hosts on it",
            ),
        )

    def test_figures(self) -> None:
        for loss, shown in (
            (None, "-"),
            (0.0, "0 %"),
            (0.01, "< 0.1 %"),
            (16.67, "16.7 %"),
            (99.95, "> 99.9 %"),
            (100.0, "100 %"),
        ):
            rendered = text.render(
                samples.of(
                    samples.network(
                        loss_percent=loss,
                        rtt_p50_ms=None,
                        rtt_p99_ms=None,
                        mtu=None,
                    )
                ),
                100,
            )
            cells = rendered.splitlines()[3].split("|")
            self.assertEqual(
                [shown, "- / -", "-"], [cell.strip() for cell in cells[4:7]]
            )

    def test_widths(self) -> None:
        shown = samples.of(
            samples.network("provider-physnet-datacenter-two-storage-row-7"),
            samples.network("x" * 40),
            findings=(
                samples.no_carrier(
                    affects=tuple(f"compute{one}" for one in range(100)),
                    remedy="look at it again and again " * 20,
                ),
            ),
            agents=tuple(
                samples.reported(f"compute{one}", None) for one in range(50)
            ),
            notes=("something that is told at length " * 10,),
        )
        for width in (80, 100, 120):
            with self.subTest(width=width):
                longest = max(
                    len(line) for line in text.render(shown, width).split("\n")
                )
                self.assertLessEqual(longest, width)
