# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.model import probe
from steth.rpc import requests

A, B = "10.0.0.1", "10.0.0.2"


def _part(target: str) -> plan.Round:
    """Return a part in which host1 asks a host for a small answer."""
    number = target[4:]
    return plan.Round(
        requests={
            "host1": requests.ProbeIcmp(
                targets=(
                    requests.IcmpTarget(address=f"10.0.0.{number}", source=A),
                )
            )
        },
        probes={
            "host1": [
                plan.Probe(
                    pair=cause.Pair("net", "host1", target),
                    size=plan.Size.SMALL,
                )
            ]
        },
    )


def _report(
    *sightings: probe.Sighting, lost_by_watch: int = 0
) -> dict[str, probe.IcmpReport]:
    return {
        "host1": probe.IcmpReport(
            results=(
                probe.IcmpResult(address=B, size=64, sent=1, received=1),
            ),
            sightings=sightings,
            lost_by_watch=lost_by_watch,
            duration=1.0,
        )
    }


def _arp(source: str, destination: str) -> probe.Sighting:
    return probe.Sighting(
        kind=probe.PacketKind.ARP,
        outgoing=True,
        device="eth0",
        source=source,
        destination=destination,
        size=0,
        count=1,
    )


class BuildTestCase(unittest.TestCase):
    """A round is one, in how many parts it was asked."""

    parts = (_part("host2"), _part("host3"))

    def test_results_of_all_parts(self) -> None:
        found = matrix.build(self.parts, [_report(), _report(lost_by_watch=3)])
        self.assertEqual(
            ["host2", "host3"], [pair.target for pair, _ in found.results]
        )
        self.assertEqual(3, found.reports["host1"].lost_by_watch)
        self.assertEqual(2.0, found.reports["host1"].duration)

    def test_who_fails_in_a_part_has_not_seen_all(self) -> None:
        for reports in ([_report(), {}], [{}, _report()]):
            found = matrix.build(self.parts, reports)
            self.assertEqual(1, len(found.results))
            self.assertEqual({}, found.reports)

    def test_what_is_seen_in_another_part(self) -> None:
        """The other host does not watch then."""
        stray, own, others = _arp(A, B), _arp(A, "10.0.0.3"), _arp(B, B)
        found = matrix.build(
            self.parts, [_report(stray), _report(stray, own, others)]
        )
        self.assertEqual(
            (stray, own, others), found.reports["host1"].sightings
        )

    def test_one_part_is_as_it_was_told(self) -> None:
        report = _report(_arp("10.0.0.8", "10.0.0.9"))
        found = matrix.build(self.parts[:1], [report])
        self.assertIs(report["host1"], found.reports["host1"])
