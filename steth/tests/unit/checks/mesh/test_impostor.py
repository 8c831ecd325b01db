# SPDX-License-Identifier: Apache-2.0

import unittest

from steth.checks.mesh import cause
from steth.checks.mesh import impostor
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import host
from steth.model import probe

_OWN = "02:00:00:00:00:02"
_OTHER = "02:00:00:00:00:99"


def _member(name: str, address: str) -> segments.Member:
    return segments.Member(
        host=name,
        address=address,
        prefix_length=24,
        link=host.Link(name="eth0", index=2, mtu=1500, admin_up=True),
    )


_SEGMENT = segments.Segment(
    name="n",
    network="n",
    family=4,
    cidrs=("10.0.0.0/24",),
    configured=True,
    mtu=1500,
    mtu_configured=True,
    members=(_member("a", "10.0.0.1"), _member("b", "10.0.0.2")),
)


def _claim(mac: str) -> probe.Sighting:
    return probe.Sighting(
        kind=probe.PacketKind.ARP,
        outgoing=False,
        device="eth0",
        source="10.0.0.2",
        destination="10.0.0.1",
        size=0,
        count=2,
        mac=mac,
    )


def _found(*macs: str, lost_by_watch: int = 0) -> list[str | None]:
    """Return the hosts that an impostor is found for, by claims seen at a."""
    result = probe.IcmpResult(address="10.0.0.2", size=64, sent=5, received=5)
    reports = {
        "a": probe.IcmpReport(
            results=(),
            sightings=tuple(map(_claim, macs)),
            lost_by_watch=lost_by_watch,
            duration=1.0,
        )
    }
    second = matrix.Matrix(
        results={(cause.Pair("n", "a", "b"), plan.Size.SMALL): result},
        reports=reports,
    )
    return [
        one.host
        for one in impostor.causes(
            _SEGMENT, second, 64, {"b": frozenset({_OWN})}
        )
    ]


class ClaimTestCase(unittest.TestCase):
    """Two hardware addresses for one IP address are one too many."""

    def test_the_hosts_own(self) -> None:
        self.assertEqual([], _found(_OWN))

    def test_a_stranger_beside_it(self) -> None:
        self.assertEqual(["b"], _found(_OWN, _OTHER))

    def test_a_router_that_answers_for_it(self) -> None:
        self.assertEqual([], _found(_OTHER))
