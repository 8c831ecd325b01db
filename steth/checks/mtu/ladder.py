# SPDX-License-Identifier: Apache-2.0
"""Finds the path MTU of many pairs in a few rounds.

Each round tries many sizes of every open pair at once, evenly spaced between
the largest that passed and the smallest that did not: with 32 of them, three
rounds find the exact size among more than 30,000. A path lets every packet
through that is smaller than one that passes (RFC 4821 relies on that too).
"""

from collections.abc import Iterable
from collections.abc import Mapping
import math

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import probe
from steth.rpc import requests

#: Sizes of one pair in a round.
_STEPS = 32
#: No IP packet is longer, in bytes (RFC 791, section 3.1).
_LARGEST = 65535
#: Packets of each size: more where packets get lost whatever their size.
_COUNT = 2
_COUNT_LOSSY = 8


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the way from one host to another.

    ``passed`` is the largest size in bytes that was answered, ``failed`` the
    smallest that cannot pass or was not answered. ``reported`` is a limit
    that ``reported_by`` told.
    """

    source: str
    target: str
    passed: int
    failed: int
    needed: int
    reported: int | None = None
    reported_by: str | None = None

    @property
    def settled(self) -> bool:
        """Whether ``passed`` is the path MTU."""
        return self.failed - self.passed <= 1

    def sizes(self, most: int, untried: bool) -> list[int]:
        """Return the sizes to try, ascending, at most so many.

        :param untried: no round was yet: a path that lets through what is
            needed most likely lets through all that its ends can send
        """
        if self.settled:
            return []
        top = self.failed - 1
        if untried and self.passed >= self.needed:
            return [top]
        between = top - self.passed
        steps = min(most, between)
        return sorted(
            {
                self.passed + math.ceil(between * one / steps)
                for one in range(1, steps + 1)
            }
        )

    def told(self, results: Iterable[probe.IcmpResult]) -> "Path":
        """Return the path with what a round's results tell of it."""
        results = list(results)
        passed = max((one.size for one in results if one.received), default=0)
        path = msgspec.structs.replace(self, passed=max(self.passed, passed))
        failed = min(
            (
                one.size
                for one in results
                if not one.received and one.size > path.passed
            ),
            default=self.failed,
        )
        limits = [one for one in results if one.mtu and one.reported_by]
        last = limits[-1] if limits else None
        return msgspec.structs.replace(
            path,
            failed=min(self.failed, failed),
            reported=last.mtu if last else self.reported,
            reported_by=last.reported_by if last else self.reported_by,
        )


Paths = dict[cause.Pair, Path]


def start(
    checked: Iterable[segments.Segment], surveyed: matrix.Matrix
) -> Paths:
    """Return what the survey tells of all pairs that anything passes.

    A packet is never longer than the MTU of the device that it leaves by or
    arrives at, where that is known.
    """
    paths: Paths = {}
    for segment in checked:
        for source, target in plan.ordered_pairs(segment):
            pair = cause.Pair(segment.name, source.host, target.host)
            results = [
                surveyed.results[(pair, size)]
                for size in plan.Size
                if (pair, size) in surveyed.results
            ]
            passed = max(
                (one.size for one in results if one.received), default=0
            )
            if not passed:
                continue
            ceiling = min(
                (
                    one.link.mtu
                    for one in (source, target)
                    if one.link and not one.routed
                ),
                default=_LARGEST,
            )
            unknown = Path(
                source=source.address,
                target=target.address,
                passed=passed,
                failed=max(passed, ceiling) + 1,
                needed=segment.mtu,
            )
            paths[pair] = unknown.told(results)
    return paths


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of a round by host; ``pairs`` has what each target is."""

    requests: Mapping[str, requests.ProbeIcmp]
    pairs: Mapping[str, list[cause.Pair]]

    @property
    def seconds(self) -> float:
        """How long the slowest agent will take."""
        return plan.seconds(self.requests.values())


def next_round(
    paths: Mapping[cause.Pair, Path], *, number: int, lossy: bool, run: int
) -> Round | None:
    """Plan a round for the paths that are not settled, ``None`` if all are.

    :param number: counts the rounds, from 0
    :param lossy: packets get lost on some path, whatever their size
    :param run: the run's mark
    """
    open_pairs: dict[str, list[cause.Pair]] = {}
    for pair, path in paths.items():
        if not path.settled:
            open_pairs.setdefault(pair.source, []).append(pair)
    if not open_pairs:
        return None
    asked: dict[str, requests.ProbeIcmp] = {}
    pairs: dict[str, list[cause.Pair]] = {}
    for host, mine in open_pairs.items():
        most = max(1, min(_STEPS, requests.MAX_TARGETS // len(mine)))
        targets = []
        pairs[host] = []
        for pair in mine[: requests.MAX_TARGETS]:
            path = paths[pair]
            for size in path.sizes(most, untried=number == 0):
                pairs[host].append(pair)
                targets.append(
                    requests.IcmpTarget(
                        address=path.target,
                        source=path.source,
                        size=size,
                        dont_fragment=True,
                    )
                )
        asked[host] = requests.ProbeIcmp(
            targets=tuple(targets),
            count=_COUNT_LOSSY if lossy else _COUNT,
            interval=0.05,
            timeout=0.5,
            run=run,
        )
    return Round(requests=asked, pairs=pairs)


def learned(
    paths: Paths, planned: Round, reports: Mapping[str, probe.IcmpReport]
) -> Paths:
    """Return the paths with what a round told."""
    results: dict[cause.Pair, list[probe.IcmpResult]] = {}
    for host, report in reports.items():
        for pair, result in zip(
            planned.pairs[host], report.results, strict=False
        ):
            results.setdefault(pair, []).append(result)
    return {
        pair: path.told(results[pair]) if pair in results else path
        for pair, path in paths.items()
    }
