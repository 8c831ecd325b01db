# SPDX-License-Identifier: Apache-2.0
"""The check itself: plans, has the agents send, and looks twice."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
import time
from typing import Any
from typing import ClassVar

from steth.checks import base
from steth.checks import bridges
from steth.checks import presence
from steth.checks import snapshots
from steth.checks.bandwidth import attribution
from steth.checks.bandwidth import causes as causes_module
from steth.checks.bandwidth import known
from steth.checks.bandwidth import measure
from steth.checks.bandwidth import measurements
from steth.checks.bandwidth import requirement
from steth.checks.bandwidth import schedule
from steth.checks.bandwidth import verdict
from steth.checks.mesh import cause
from steth.checks.mesh import grouping
from steth.checks.mesh import lower
from steth.checks.mesh import matrix
from steth.checks.mesh import segments
from steth.checks.mesh import silence
from steth.model import report
from steth.model import throughput
from steth.rpc import contract
from steth.rpc import errors

#: What a test takes on top of its seconds, for the announcement.
_OVERHEAD = 0.5
#: How often causes are looked for among what still falls short.
_PASSES = 3
#: How many tests are made again in all, on a network.
_MOST_AGAIN = 24

_Reports = dict[cause.Pair, throughput.ThroughputReport]


class BandwidthCheck(base.Check):
    """iperf3 between the hosts, in rounds, on every network."""

    name: ClassVar[str] = "bandwidth"
    summary: ClassVar[str] = (
        "Does as much pass between the hosts as has to, on every network?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_THROUGHPUT,
        contract.PROBE_THROUGHPUT_SERVER,
        contract.TASK_STOP,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Announce the load, measure, and measure again what is slow."""
        return _Run(context).outcome()


class _Run:
    """One run of the check, with what it has learned so far."""

    def __init__(self, context: base.Context) -> None:
        self._context = context
        self._options = context.options.throughput
        self._failures: dict[str, errors.OperationError] = {}
        self._causes: list[cause.Cause] = []
        self._short: set[cause.Pair] = set()
        self._untested: list[str] = []
        self._failed: dict[cause.Pair, str] = {}

    def outcome(self) -> base.CheckOutcome:
        """Return what the check brought."""
        started = time.monotonic()
        taken = snapshots.read(self._context)
        self._failures.update(taken.failures)
        chosen = self._chosen(taken.snapshots)
        bridges.read(
            self._context,
            {
                member.host
                for one in chosen
                for member in one.sources
                if member.link
                and lower.needs_bridges(
                    member.link, taken.snapshots[member.host].root
                )
            },
        )
        planned = {one.name: self._rounds(one) for one in chosen}
        self._announce(planned.values())
        rows = [
            self._measured(one, planned[one.name], taken.snapshots)
            for one in chosen
        ]
        unequipped = verdict.unequipped(self._failures, rows)
        self._causes.extend(
            silence.causes(
                {} if unequipped else self._failures,
                chosen,
                matrix.Matrix(results={}, reports={}),
                bool(taken.snapshots),
            )
        )
        totals = {
            row["name"]: row["hosts"] * (row["hosts"] - 1) for row in rows
        }
        findings = tuple(
            cause.to_finding(
                one, BandwidthCheck.name, frozenset(self._short), totals
            )
            for one in cause.merged(self._causes)
        )
        status, reason = report.CheckStatus.SKIPPED, unequipped
        if not unequipped:
            status, reason = verdict.status(
                findings,
                verdict.Gaps(
                    agents=len(self._context.fleet.agents),
                    checked=chosen,
                    failures=self._failures,
                    failed=self._failed,
                    untested=self._untested,
                    rounds=self._options.rounds,
                ),
            )
        return base.CheckOutcome(
            result=report.CheckResult(
                name=BandwidthCheck.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={"networks": rows},
            ),
            findings=findings,
        )

    def _chosen(
        self, taken: segments.Snapshots
    ) -> tuple[segments.Segment, ...]:
        built = grouping.build(taken, self._context.inventory, {})
        return presence.wanted(
            built, self._context.options.networks, bool(taken)
        )

    def _rounds(self, segment: segments.Segment) -> list[schedule.Round]:
        hosts = [one.host for one in segment.sources]
        if self._options.simultaneous:
            return schedule.simultaneous(hosts, self._options.rounds)
        return schedule.tournament(hosts, self._options.rounds)

    def _announce(self, planned: Iterable[Sequence[schedule.Round]]) -> None:
        """Say what load is going to be put on the network."""
        rounds = [one for network in planned for one in network]
        tests = sum(map(len, rounds))
        if not tests:
            return
        options = self._options
        each = "as fast as the path takes it"
        if options.rate is not None:
            each = f"at most {options.rate:g} Mbit/s"
        took = len(rounds) * (options.seconds + _OVERHEAD)
        self._context.announce(
            f"load on the network: {tests} tests of {options.seconds} s, "
            f"{options.protocol.upper()}, each {each}; up to "
            f"{max(map(len, rounds))} tests at once, about {took:.0f} s in "
            f"all; slow pairs are tested again"
        )

    def _measured(
        self,
        segment: segments.Segment,
        rounds: Sequence[schedule.Round],
        taken: segments.Snapshots,
    ) -> dict[str, Any]:
        """Measure one network, find the causes, and return its row."""
        reports: _Reports = {}
        failed: dict[cause.Pair, str] = {}
        for number, one in enumerate(rounds, start=1):
            self._context.progress(
                f"{segment.name}: round {number} of {len(rounds)}, "
                f"{len(one)} tests at once"
            )
            pairs = [cause.Pair(segment.name, *each) for each in one]
            self._test(segment, pairs, reports, failed)
        found = self._explained(segment, reports, failed, taken)
        self._causes.extend(found)
        self._failed.update(
            {
                pair: why
                for pair, why in failed.items()
                if not self._is_known(pair)
            }
        )
        row = measurements.row(
            segment,
            reports,
            failed,
            self._requirements(segment, reports, taken),
            [*found, *self._silent(segment)],
        )
        if row["pairs_tested"] < row["pairs"] and not failed:
            self._untested.append(
                f"{row['pairs_tested']} of {row['pairs']} pairs on "
                f"{segment.name}"
            )
        return row

    def _is_known(self, pair: cause.Pair) -> bool:
        return known.of(pair, self._context.explained) is not None

    def _silent(self, segment: segments.Segment) -> list[cause.Cause]:
        return silence.causes(
            {
                host: error
                for host, error in self._failures.items()
                if segment.member(host)
            },
            [segment],
            matrix.Matrix(results={}, reports={}),
            True,
        )

    def _test(
        self,
        segment: segments.Segment,
        pairs: Iterable[cause.Pair],
        reports: _Reports,
        failed: dict[cause.Pair, str],
    ) -> None:
        """Run tests at once; keep what is the better figure of a pair."""
        able = [
            pair
            for pair in pairs
            if not {pair.source, pair.target} & self._failures.keys()
        ]
        if not able:
            return
        measured = measure.at_once(
            self._context.fleet, segment, able, self._options
        )
        self._failures.update(measured.failures)
        for pair, told in measured.reports.items():
            before = reports.get(pair)
            if before is None or told.bits_per_second > before.bits_per_second:
                reports[pair] = told
        failed.update(
            {
                pair: why
                for pair, why in measured.failed.items()
                if pair not in reports
            }
        )

    def _requirements(
        self,
        segment: segments.Segment,
        reports: requirement.Reports,
        taken: segments.Snapshots,
    ) -> requirement.Requirements:
        network = next(
            (
                one
                for one in self._context.inventory.networks
                if one.name == segment.network
            ),
            None,
        )
        return requirement.Requirements(
            segment,
            taken,
            network,
            reports,
            self._options.rate,
            bridges.ports(self._context),
        )

    def _explained(
        self,
        segment: segments.Segment,
        reports: _Reports,
        failed: dict[cause.Pair, str],
        taken: segments.Snapshots,
    ) -> list[cause.Cause]:
        """Return the causes of what is slow also when it is alone.

        Tests of a round may share what is not the network, such as a busy
        machine's processor: no cause is told before one of its pairs was
        slow alone. That pairs are slow together and not alone is one itself
        where that was asked for. Pairs that an earlier check has found in
        trouble are told with what it found.
        """
        together = self._unknown(reports)
        alone: set[cause.Pair] = set()
        found: list[attribution.Explanation] = []
        for _ in range(_PASSES):
            needed = self._requirements(segment, reports, taken)
            others = self._unknown(reports)
            found = attribution.explanations(others, needed.short(others))
            again = _doubtful(found, alone, _MOST_AGAIN - len(alone))
            if not again:
                break
            for pair in again:
                self._context.progress(
                    f"{segment.name}: {pair.source} to {pair.target} again"
                )
                self._test(segment, [pair], reports, failed)
            alone.update(again)
        needed = self._requirements(segment, reports, taken)
        others = self._unknown(reports)
        short = needed.short(others)
        judged = causes_module.Judged(
            segment=segment,
            reports=reports,
            requirements=needed,
            how=f"{self._options.protocol.upper()}, {self._options.seconds} s",
        )
        confirmed = alone & short
        found = [
            one
            for one in attribution.explanations(others, short)
            if one.pairs & confirmed
        ]
        causes = [causes_module.of_explanation(one, judged) for one in found]
        explained = {pair for one in found for pair in one.pairs}
        if self._options.simultaneous and alone - short:
            crowded = needed.short(together) - explained
            if len(crowded) * 2 >= len(together):
                causes.append(
                    causes_module.oversubscribed(
                        crowded, together, alone - short, judged
                    )
                )
                explained |= crowded
        self._short |= explained
        causes.extend(
            known.causes(
                needed.short(reports) - others.keys(),
                [pair for pair in failed if self._is_known(pair)],
                len(reports) + len(failed),
                self._context.explained,
                needed,
            )
        )
        return causes

    def _unknown(self, reports: _Reports) -> _Reports:
        """Leave out pairs that an earlier check found in trouble."""
        return {
            pair: one
            for pair, one in reports.items()
            if not self._is_known(pair)
        }


def _doubtful(
    found: Sequence[attribution.Explanation],
    alone: Collection[cause.Pair],
    most: int,
) -> list[cause.Pair]:
    """Return what to test again alone: some pairs of each explanation.

    Of pairs that have nothing in common, each one.

    :param alone: what was tested alone already
    :param most: how many pairs may be returned
    """
    chosen: list[cause.Pair] = []
    for one in found:
        left = sorted(one.pairs.difference(alone))
        if one.host is None and not one.everywhere:
            chosen.extend(left)
        elif len(left) == len(one.pairs):
            # The first and the last of a host's have different peers.
            chosen.extend(dict.fromkeys((left[0], left[-1])))
    return chosen[: max(most, 0)]
