# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

from collections.abc import Mapping
from collections.abc import Sequence
import secrets
import time
from typing import Any
from typing import ClassVar

import msgspec

from steth.checks import base
from steth.checks import catalogue
from steth.checks import snapshots as snapshots_module
from steth.checks.connectivity import cause
from steth.checks.connectivity import latency
from steth.checks.connectivity import live
from steth.checks.connectivity import matrix
from steth.checks.connectivity import measurements
from steth.checks.connectivity import plan
from steth.checks.connectivity import segments
from steth.checks.connectivity import silence
from steth.checks.connectivity import static
from steth.model import finding
from steth.model import host as host_model
from steth.model import probe
from steth.model import report
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

_NO_ROUND = matrix.Matrix(results={}, reports={})


class ConnectivityCheck(base.Check):
    """Every host to every host, on every network, at both sizes."""

    name: ClassVar[str] = "connectivity"
    summary: ClassVar[str] = (
        "Can all hosts reach each other, on every network, at full packet "
        "size?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' state, then ping, then ping watched."""
        return _Run(context).outcome()


class _Run:
    """One run of the check, with what it has learned so far."""

    def __init__(self, context: base.Context) -> None:
        self._context = context
        self._mark = secrets.randbits(32)
        self._failures: dict[str, errors.OperationError] = {}
        self._segments: tuple[segments.Segment, ...] = ()

    def outcome(self) -> base.CheckOutcome:
        """Return what the check brought."""
        started = time.monotonic()
        snapshots = self._snapshots()
        self._segments = self._chosen(snapshots)
        causes = [
            one
            for segment in self._segments
            for one in static.causes(segment, snapshots)
        ]
        first = self._first_round()
        second, found = self._second_round(first, causes)
        causes.extend(found)
        last = matrix.updated(first, second)
        causes.extend(silence.causes(self._failures, self._segments, last))
        causes = cause.merged(causes)
        causes.extend(_unexplained(self._segments, last, causes))
        return self._judged(first, last, causes, started)

    def _snapshots(self) -> dict[str, host_model.HostSnapshot]:
        """Ask every agent that is up for the state of its host."""
        read = snapshots_module.read(self._context)
        self._failures.update(read.failures)
        return read.snapshots

    def _ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        seconds: float,
    ) -> dict[str, Any]:
        """Ask agents; remember who failed and return the others' data."""
        if not asked:
            return {}
        answers = self._context.fleet.ask(operation, asked, seconds=seconds)
        data = {}
        for host, one in answers.items():
            if one.error is not None:
                self._failures[host] = one.error
            else:
                data[host] = one.data
        return data

    def _chosen(
        self, snapshots: Mapping[str, host_model.HostSnapshot]
    ) -> tuple[segments.Segment, ...]:
        """Return the segments that the user wants checked."""
        addresses = {
            one.host: one.address for one in self._context.fleet.agents
        }
        built = segments.build(
            snapshots,
            self._context.inventory,
            {host: addresses.get(host) for host in self._failures},
        )
        wanted = self._context.options.networks
        known = {one.network for one in built} | {one.name for one in built}
        strangers = [one for one in wanted if one not in known]
        if strangers and snapshots:
            raise base.UsageError(
                f"there is no network {', '.join(strangers)}; there are: "
                f"{', '.join(sorted(known)) or 'none'}"
            )
        return tuple(
            one
            for one in built
            if not wanted or one.network in wanted or one.name in wanted
        )

    def _first_round(self) -> matrix.Matrix:
        options = self._context.options
        planned = plan.first_round(
            self._segments, options.count, options.size, self._mark
        )
        packets = sum(one.packets for one in planned.requests.values())
        self._context.progress(
            f"{packets} packets between {len(planned.requests)} hosts"
        )
        return self._played(planned)

    def _second_round(
        self, first: matrix.Matrix, explained: Sequence[cause.Cause]
    ) -> tuple[matrix.Matrix, list[cause.Cause]]:
        """Look closer at the pairs whose trouble is not explained yet."""
        options = self._context.options
        silent = frozenset(
            pair for pair in first.troubled() if pair.target in self._failures
        )
        troubled = _unsettled(first, explained) - silent
        slow = frozenset(
            pair
            for segment in self._segments
            for pair in latency.outliers(segment, first)
        )
        if not troubled | slow:
            return _NO_ROUND, []
        planned = plan.second_round(
            self._segments, troubled | slow, options.size, self._mark
        )
        self._context.progress(
            f"looking closer at {len(troubled | slow)} pairs of hosts"
        )
        second = self._played(planned)
        alive = [
            pair
            for pair in {pair for pair, _ in first.results}
            if pair not in first.troubled()
            and (pair, plan.Size.SMALL) not in second.results
        ]
        causes: list[cause.Cause] = []
        for segment in self._segments:
            causes.extend(latency.causes(segment, first, second))
            causes.extend(
                live.causes(
                    segment,
                    _without_explained(second, explained),
                    options.size,
                    [pair for pair in alive if pair.segment == segment.name],
                )
            )
        return second, causes

    def _played(self, planned: plan.Round) -> matrix.Matrix:
        able = {
            host: one
            for host, one in planned.requests.items()
            if host not in self._failures
        }
        reports: dict[str, probe.IcmpReport] = self._ask(
            contract.PROBE_ICMP, able, planned.seconds
        )
        return matrix.build(planned, reports)

    def _judged(
        self,
        first: matrix.Matrix,
        last: matrix.Matrix,
        causes: list[cause.Cause],
        started: float,
    ) -> base.CheckOutcome:
        troubled = last.troubled()
        totals = {
            one.name: len(plan.ordered_pairs(one)) for one in self._segments
        }
        findings = tuple(
            cause.to_finding(one, troubled, totals) for one in causes
        )
        status, reason = self._status(findings)
        return base.CheckOutcome(
            result=report.CheckResult(
                name=ConnectivityCheck.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={
                    "networks": [
                        measurements.row(one, first, last, causes)
                        for one in self._segments
                    ]
                },
            ),
            findings=findings,
        )

    def _status(
        self, findings: Sequence[finding.Finding]
    ) -> tuple[report.CheckStatus, str | None]:
        """Judge the check; what was not looked at is never well."""
        severities = {one.severity for one in findings}
        unable = {
            host
            for host, error in self._failures.items()
            if error.code is not errors.ErrorCode.NO_ANSWER
        }
        if finding.Severity.CRITICAL in severities:
            return report.CheckStatus.FAILED, None
        if not self._context.fleet.agents:
            return report.CheckStatus.INCONCLUSIVE, "there is no agent"
        lonely = [one.name for one in self._segments if len(one.sources) < 2]
        if not self._segments or lonely:
            return (
                report.CheckStatus.INCONCLUSIVE,
                f"fewer than two hosts on {cause.listed(lonely)}"
                if lonely
                else "no network has two hosts on it",
            )
        if unable:
            return (
                report.CheckStatus.INCONCLUSIVE,
                f"{cause.listed(sorted(unable))} could not be asked",
            )
        if severities:
            return report.CheckStatus.WARNING, None
        return report.CheckStatus.PASSED, None


def _unsettled(
    results: matrix.Matrix, causes: Sequence[cause.Cause]
) -> frozenset[cause.Pair]:
    """Return the pairs whose trouble no cause explains."""
    whole = _covered(causes, full_size_only=False)
    full = _covered(causes, full_size_only=True)
    return frozenset(
        pair
        for pair in results.troubled()
        if pair not in whole
        and (pair not in full or results.small_trouble(pair))
    )


def _covered(
    causes: Sequence[cause.Cause], *, full_size_only: bool
) -> frozenset[cause.Pair]:
    return frozenset(
        pair
        for one in causes
        if one.full_size_only is full_size_only
        and one.entry.severity is finding.Severity.CRITICAL
        for pair in one.covers
    )


def _without_explained(
    results: matrix.Matrix, causes: Sequence[cause.Cause]
) -> matrix.Matrix:
    """Leave out what a cause on the hosts themselves explains already."""
    whole = _covered(causes, full_size_only=False)
    full = _covered(causes, full_size_only=True)
    return msgspec.structs.replace(
        results,
        results={
            (pair, size): result
            for (pair, size), result in results.results.items()
            if pair not in whole
            and (size is plan.Size.SMALL or pair not in full)
        },
    )


def _unexplained(
    checked: Sequence[segments.Segment],
    last: matrix.Matrix,
    causes: Sequence[cause.Cause],
) -> list[cause.Cause]:
    """Tell of trouble that nothing explains: it is never passed over."""
    rest = _unsettled(last, causes)
    found = []
    for segment in checked:
        pairs = sorted(pair for pair in rest if pair.segment == segment.name)
        if not pairs:
            continue
        shown = [f"{one.source} to {one.target}" for one in pairs]
        found.append(
            cause.Cause(
                entry=catalogue.UNDERLAY_UNREACHABLE,
                summary=(
                    f"on {segment.name} packets are lost from "
                    f"{cause.listed(shown, 3)}, and nothing tells where"
                ),
                networks=(segment.name,),
                covers=frozenset(pairs),
                evidence=tuple(_as_seen(pair, last) for pair in pairs[:3]),
                confidence=finding.Confidence.POSSIBLE,
            )
        )
    return found


def _as_seen(pair: cause.Pair, last: matrix.Matrix) -> finding.Evidence:
    size = plan.Size.SMALL if last.small_trouble(pair) else plan.Size.FULL
    result = last.results[(pair, size)]
    return finding.Evidence(
        host=pair.source,
        source=f"echo requests of {result.size} bytes to {result.address}",
        expected=f"{result.sent} answers",
        observed=f"{result.received} answers"
        + (f", {result.failure}" if result.failure else "")
        + (f" ({result.detail})" if result.detail else ""),
    )
