# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks import base
from steth.checks.mesh import segments
from steth.checks.mtu import check
from steth.checks.mtu import needs
from steth.model import inventory
from steth.model import overlay
from steth.model import report
from steth.tests.unit.checks.mesh import simulation

WEB = overlay.TunnelledNetwork(name="web", kind="vxlan", mtu=8950)
BIG = overlay.TunnelledNetwork(name="big", kind="geneve", mtu=8950)


def _segment(name: str, family: int, *addresses: str) -> segments.Segment:
    return segments.Segment(
        name=name,
        network=name,
        family=family,
        cidrs=(),
        configured=True,
        mtu=1500,
        mtu_configured=True,
        members=tuple(
            segments.Member(host=f"h{address}", address=address)
            for address in addresses
        ),
    )


class NeedsTestCase(unittest.TestCase):
    """The largest network decides, where its tunnels are."""

    def needed(
        self,
        segment: segments.Segment,
        *networks: overlay.TunnelledNetwork,
        endpoints: tuple[str, ...] = (),
    ) -> int | None:
        told = overlay.Overlay(
            networks=networks, endpoints=frozenset(endpoints)
        )
        need = needs.of([segment], told).get(segment.name)
        return need.size if need else None

    def test_overheads(self) -> None:
        for kind, family, size in (
            ("vxlan", 4, 1550),
            ("gre", 4, 1542),
            ("geneve", 4, 1558),
            ("vxlan", 6, 1570),
            ("gre", 6, 1562),
            ("geneve", 6, 1578),
        ):
            network = overlay.TunnelledNetwork(name="n", kind=kind, mtu=1500)
            with self.subTest(kind=kind, family=family):
                self.assertEqual(
                    size, self.needed(_segment("tunnel", family), network)
                )

    def test_the_largest(self) -> None:
        self.assertEqual(9008, self.needed(_segment("tunnel", 4), WEB, BIG))

    def test_where_the_endpoints_are(self) -> None:
        mgmt = _segment("mgmt", 4, "10.0.0.1")
        tunnel = _segment("tunnel", 4, "10.0.1.1")
        self.assertIsNone(self.needed(mgmt, WEB))
        self.assertEqual(9000, self.needed(tunnel, WEB))
        self.assertEqual(9000, self.needed(mgmt, WEB, endpoints=("10.0.0.1",)))
        self.assertIsNone(self.needed(tunnel, WEB, endpoints=("10.0.0.1",)))

    def test_no_tunnels(self) -> None:
        self.assertIsNone(self.needed(_segment("tunnel", 4)))


class CheckTestCase(unittest.TestCase):
    """What Neutron's networks need is held against what passes."""

    def run_check(
        self,
        rack: simulation.Rack,
        told: overlay.Overlay | None,
        expected: inventory.Inventory | None = None,
    ) -> base.CheckOutcome:
        return check.MtuCheck().run(
            base.Context(
                fleet=rack,
                inventory=expected or simulation.expected(3),
                overlay=lambda: told,
            )
        )

    def test_enough(self) -> None:
        outcome = self.run_check(
            simulation.rack(3), overlay.Overlay(networks=(WEB,))
        )
        self.assertEqual((), outcome.findings)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)

    def test_too_small_is_one_finding(self) -> None:
        outcome = self.run_check(
            simulation.rack(3), overlay.Overlay(networks=(WEB, BIG))
        )
        (found,) = outcome.findings
        self.assertEqual(
            ("tunnel-mtu-small", None, "tunnel"),
            (found.code, found.location.host, found.location.network),
        )
        self.assertEqual(("Neutron network big",), found.affects)
        self.assertIn(
            "8950 of big and 58 of GENEVE", found.evidence[0].expected
        )
        self.assertEqual("9000 bytes pass", found.evidence[0].observed)
        rows = {
            one["name"]: one for one in outcome.result.measurements["networks"]
        }
        self.assertEqual(
            (9008, "neutron", 0, "failed"),
            tuple(
                rows["tunnel"][one]
                for one in ("needed", "needed_by", "pairs_ok", "status")
            ),
        )
        self.assertEqual("passed", rows["mgmt"]["status"])

    def test_a_host_with_a_cause_of_its_own(self) -> None:
        rack = simulation.rack(3)
        rack.nics["compute2"]["tunnel"].mtu = 1500
        outcome = self.run_check(rack, overlay.Overlay(networks=(WEB,)))
        self.assertEqual(
            ["host-mtu-small"], [one.code for one in outcome.findings]
        )

    def test_nothing_tells_where_the_tunnels_are(self) -> None:
        outcome = self.run_check(
            simulation.rack(3),
            overlay.Overlay(
                networks=(WEB,), endpoints=frozenset({"192.0.2.1"})
            ),
        )
        self.assertEqual(
            report.CheckStatus.INCONCLUSIVE, outcome.result.status
        )
        self.assertIn("call it 'tunnel'", outcome.result.reason or "")

    def test_neutron_does_not_say(self) -> None:
        outcome = self.run_check(simulation.rack(3), None)
        self.assertEqual(report.CheckStatus.PASSED, outcome.result.status)
