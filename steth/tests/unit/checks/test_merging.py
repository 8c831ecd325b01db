# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import merging
from steth.model import finding
from steth.tests.unit.report import samples


class MergingTestCase(unittest.TestCase):
    """One fault that several checks see is told once."""

    def test_the_same(self) -> None:
        line = finding.Evidence(
            host="compute7", source="x", expected="y", observed="z"
        )
        first = samples.no_carrier(
            severity=finding.Severity.WARNING,
            confidence=finding.Confidence.POSSIBLE,
        )
        second = samples.no_carrier(
            check="mtu",
            summary="in other words",
            evidence=(line,),
            affects=("all",),
        )
        (one,) = merging.merged([first, second])
        self.assertEqual("connectivity", one.check)
        self.assertEqual(("mtu",), one.also_found_by)
        self.assertEqual(first.summary, one.summary)
        self.assertEqual((*first.evidence, line), one.evidence)
        self.assertEqual((*first.affects, "all"), one.affects)
        self.assertIs(finding.Severity.CRITICAL, one.severity)
        self.assertIs(finding.Confidence.CERTAIN, one.confidence)

    def test_a_device_is_one_place_on_all_of_its_networks(self) -> None:
        places = [
            finding.Location(host="compute7", device="eth1", network=name)
            for name in ("tunnel, storage", "physnet1", "tunnel")
        ]
        first, second, third = (
            samples.no_carrier(check=check, summary=check, location=place)
            for check, place in zip("abc", places, strict=True)
        )
        (one,) = merging.merged([first, second, third])
        self.assertEqual("tunnel, storage, physnet1", one.location.network)
        self.assertEqual(("b", "c"), one.also_found_by)
        nowhere = [
            samples.no_carrier(
                check=name, location=finding.Location(network=name)
            )
            for name in ("tunnel", "storage")
        ]
        self.assertEqual(nowhere, merging.merged(nowhere))

    def test_what_two_checks_count_otherwise(self) -> None:
        first = samples.no_carrier(affects=("2 of 6 pairs on tunnel",))
        second = samples.no_carrier(
            check="mtu",
            affects=("1 of 6 pairs on tunnel", "1 of 6 pairs on storage"),
        )
        (one,) = merging.merged([first, second])
        self.assertEqual(
            ("2 of 6 pairs on tunnel", "1 of 6 pairs on storage"), one.affects
        )

    def test_elsewhere_or_otherwise(self) -> None:
        several = [
            samples.no_carrier(),
            samples.no_carrier(
                check="mtu", location=finding.Location(host="compute8")
            ),
            samples.no_carrier(check="mtu", code="host-interface-down"),
        ]
        self.assertEqual(several, merging.merged(several))

    def test_two_of_one_check_in_one_place_stay_two(self) -> None:
        several = [
            samples.no_carrier(summary="to compute1"),
            samples.no_carrier(summary="to compute2"),
        ]
        self.assertEqual(several, merging.merged(several))
        again = [
            samples.no_carrier(check="mtu", summary="to compute2"),
            samples.no_carrier(check="mtu", summary="to compute1"),
        ]
        self.assertEqual(
            [("to compute1", ("mtu",)), ("to compute2", ("mtu",))],
            [
                (one.summary, one.also_found_by)
                for one in merging.merged(several + again)
            ],
        )
