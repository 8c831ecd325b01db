# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.model import finding
from steth.report import blocks
from steth.tests.unit.report import samples


class WhereTestCase(unittest.TestCase):
    """A place in words."""

    def test_places(self) -> None:
        for location, said in (
            (finding.Location(), "not on one host"),
            (finding.Location(network="mgmt"), "network mgmt"),
            (finding.Location(host="a"), "a"),
            (
                finding.Location(
                    host="a",
                    netns="qdhcp-1",
                    device="tap1",
                    bridge="br-int",
                    port="7",
                    network="tunnel",
                ),
                "a, namespace qdhcp-1, interface tap1, bridge br-int, port 7 "
                "(network tunnel)",
            ),
        ):
            self.assertEqual(said, blocks.where(location))


class RenderTestCase(unittest.TestCase):
    """What is long is wrapped or cut, what is said twice is said once."""

    def evidence(
        self, count: int, expected: str = "x"
    ) -> tuple[finding.Evidence, ...]:
        return tuple(
            finding.Evidence(
                host=f"h{number}",
                source="link state",
                expected=expected,
                observed=f"seen {number}",
            )
            for number in range(count)
        )

    def render(self, width: int = 100, **changed: object) -> list[str]:
        one = samples.no_carrier(**changed)
        return blocks.render("1 fault", one, width).splitlines()

    def test_same_expectation(self) -> None:
        lines = self.render(evidence=self.evidence(2))
        self.assertEqual(
            [
                "  expected  x",
                "  observed  seen 0   (h0, link state)",
                "  observed  seen 1   (h1, link state)",
            ],
            lines[3:6],
        )

    def test_much_evidence(self) -> None:
        lines = self.render(evidence=self.evidence(10))
        self.assertEqual(
            6, sum(line.startswith("  observed") for line in lines)
        )
        self.assertIn(
            "            and 4 more observations, see -f json", lines
        )

    def test_much_affected(self) -> None:
        lines = self.render(affects=tuple("abcdefghijkl"))
        self.assertIn("  affects   a, b, c, d, e, f, g, h and 4 more", lines)

    def test_nothing_affected(self) -> None:
        lines = self.render(affects=())
        self.assertFalse(any("affects" in line for line in lines))

    def test_evidence_of_no_host(self) -> None:
        lines = self.render(
            evidence=(
                finding.Evidence(
                    host=None, source="all rounds", expected="x", observed="y"
                ),
            )
        )
        self.assertIn("  observed  y   (all rounds)", lines)

    def test_wrapped(self) -> None:
        lines = self.render(60, summary="one two three " * 10)
        self.assertTrue(lines[2].startswith("  what      one two"))
        self.assertTrue(lines[3].startswith("            "))
        self.assertTrue(all(len(line) <= 60 for line in lines))
