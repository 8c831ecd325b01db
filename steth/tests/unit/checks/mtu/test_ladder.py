# SPDX-License-Identifier: Apache-2.0

from typing import Any
import unittest

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.checks.mtu import ladder
from steth.model import host
from steth.model import probe

PAIR = cause.Pair("tunnel", "a", "b")


def _path(passed: int, failed: int, needed: int = 9000) -> ladder.Path:
    return ladder.Path(
        source="10.0.0.1",
        target="10.0.0.2",
        passed=passed,
        failed=failed,
        needed=needed,
    )


def _climb(
    paths: ladder.Paths, limits: dict[cause.Pair, int]
) -> tuple[ladder.Paths, int]:
    """Play rounds until all is settled; return how many there were."""
    rounds = 0
    while planned := ladder.next_round(
        paths, number=rounds, lossy=False, run=1
    ):
        reports = {
            host: probe.IcmpReport(
                results=tuple(
                    probe.IcmpResult(
                        address=one.address,
                        size=one.size,
                        sent=2,
                        received=2 if one.size <= limits[pair] else 0,
                    )
                    for pair, one in zip(
                        planned.pairs[host], request.targets, strict=True
                    )
                ),
                duration=1.0,
            )
            for host, request in planned.requests.items()
        }
        paths = ladder.learned(paths, planned, reports)
        rounds += 1
    return paths, rounds


class LadderTestCase(unittest.TestCase):
    """The exact size is found in three rounds, whatever it is."""

    def test_every_size(self) -> None:
        for limit in (*range(64, 9000, 7), 8999):
            paths, rounds = _climb({PAIR: _path(64, 9000)}, {PAIR: limit})
            with self.subTest(limit=limit):
                self.assertEqual(limit, paths[PAIR].passed)
                self.assertLessEqual(rounds, 3)

    def test_largest_there_is(self) -> None:
        paths, rounds = _climb({PAIR: _path(64, 65536)}, {PAIR: 65535})
        self.assertEqual(65535, paths[PAIR].passed)
        self.assertEqual(1, rounds)

    def test_nothing_to_try(self) -> None:
        self.assertEqual((0,), _climb({PAIR: _path(9000, 9001)}, {})[1:])

    def test_more_than_is_needed_costs_one_packet_size(self) -> None:
        path = _path(1500, 9001, needed=1500)
        self.assertEqual([9000], path.sizes(32, untried=True))
        paths, rounds = _climb({PAIR: path}, {PAIR: 9000})
        self.assertEqual((9000, 1), (paths[PAIR].passed, rounds))
        paths, rounds = _climb({PAIR: path}, {PAIR: 4242})
        self.assertEqual(4242, paths[PAIR].passed)

    def test_what_only_holds_an_address_sets_no_bound(self) -> None:
        result = probe.IcmpResult(
            address="10.0.0.2", size=1500, sent=2, received=2
        )
        for device, failed in (
            ({"name": "lo", "loopback": True, "mtu": 65536}, 65536),
            ({"name": "dummy0", "kind": "dummy", "mtu": 1500}, 65536),
            ({"name": "ens4", "mtu": 9000}, 9001),
        ):
            fields: dict[str, Any] = {"index": 1, "admin_up": True, **device}
            segment = segments.Segment(
                name="tunnel",
                network="tunnel",
                family=4,
                cidrs=("10.0.0.0/24",),
                configured=True,
                mtu=1500,
                mtu_configured=True,
                members=tuple(
                    segments.Member(
                        host=name,
                        address=f"10.0.0.{n}",
                        link=host.Link(**fields),
                    )
                    for n, name in enumerate("ab", 1)
                ),
            )
            surveyed = matrix.Matrix(
                results={(PAIR, plan.Size.FULL): result}, reports={}
            )
            with self.subTest(device=device):
                path = ladder.start([segment], surveyed)[PAIR]
                self.assertEqual((1500, failed), (path.passed, path.failed))

    def test_many_pairs_fit_into_one_request(self) -> None:
        paths = {
            cause.Pair("tunnel", "a", f"b{number}"): _path(64, 9001)
            for number in range(300)
        }
        planned = ladder.next_round(paths, number=0, lossy=False, run=1)
        assert planned is not None
        targets = planned.requests["a"].targets
        self.assertLessEqual(len(targets), 4096)
        self.assertEqual(len(targets), len(planned.pairs["a"]))
        self.assertEqual(set(paths), set(planned.pairs["a"]))

    def test_lossy_paths_get_more_packets(self) -> None:
        counts = [
            planned.requests["a"].count
            for lossy in (False, True)
            if (
                planned := ladder.next_round(
                    {PAIR: _path(64, 9001)}, number=0, lossy=lossy, run=1
                )
            )
        ]
        self.assertLess(counts[0], counts[1])

    def test_a_loss_below_what_passes_is_no_limit(self) -> None:
        result = probe.IcmpResult(
            address="10.0.0.2", size=1500, sent=2, received=0
        )
        larger = msgspec.structs.replace(result, size=4000, received=1)
        told = _path(64, 9001).told([result, larger])
        self.assertEqual((4000, 9001), (told.passed, told.failed))

    def test_more_than_the_ends_take_is_no_news(self) -> None:
        result = probe.IcmpResult(
            address="10.0.0.2", size=9000, sent=0, received=0
        )
        told = _path(64, 1401).told([result])
        self.assertEqual((64, 1401), (told.passed, told.failed))

    def test_a_limit_that_is_told(self) -> None:
        result = probe.IcmpResult(
            address="10.0.0.2", size=9000, sent=2, received=0
        )
        told = _path(64, 9001).told(
            [
                msgspec.structs.replace(result, size=1500, received=2),
                msgspec.structs.replace(
                    result,
                    failure=probe.FailureKind.TOO_BIG,
                    mtu=1500,
                    reported_by="10.0.0.254",
                ),
            ]
        )
        self.assertEqual((1500, 9000), (told.passed, told.failed))
        self.assertEqual(
            (1500, "10.0.0.254"), (told.reported, told.reported_by)
        )
