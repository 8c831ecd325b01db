# SPDX-License-Identifier: Apache-2.0
"""Asks about all pairs of hosts, and finds the causes of their trouble."""

from collections.abc import Mapping
from collections.abc import Sequence
import functools
import secrets
from typing import Any

from steth.checks import base
from steth.checks import beside
from steth.checks import bridges
from steth.checks import catalogue
from steth.checks import presence
from steth.checks import snapshots
from steth.checks.mesh import cause
from steth.checks.mesh import claims
from steth.checks.mesh import clones
from steth.checks.mesh import echo
from steth.checks.mesh import explained as explained_module
from steth.checks.mesh import fixed
from steth.checks.mesh import latency
from steth.checks.mesh import live
from steth.checks.mesh import lower
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.checks.mesh import silence
from steth.checks.mesh import static
from steth.checks.mesh import swapped
from steth.model import finding
from steth.model import probe
from steth.model import report
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: Fewer hosts that lose packets are looked at as they are.
_CROWD = 3

_NO_ROUND = matrix.Matrix(results={}, reports={})


class Survey:
    """What one check learns of all pairs of hosts.

    After :meth:`look`, ``segments`` are the networks that were looked at,
    ``failures`` the errors of those who gave no answer, by host; ``first``
    has the results of the round in which every pair got the same packets,
    ``last`` those of each pair's last round, and ``causes`` explain them.
    """

    def __init__(
        self, context: base.Context, check: str, *, latency: bool
    ) -> None:
        """Plan nothing yet.

        :param check: the name that the findings bear
        :param latency: whether round trips that take long are a cause
        """
        self._context = context
        self._check = check
        self._latency = latency
        self._macs: dict[str, frozenset[str]] = {}
        self.failures: dict[str, errors.OperationError] = {}
        self.segments: tuple[segments.Segment, ...] = ()
        self.first = self.last = _NO_ROUND
        self.causes: list[cause.Cause] = []

    def look(self) -> None:
        """Ask for the hosts' state, then ping, then ping watched.

        :raises base.UsageError: when a host or network does not exist
        """
        taken = snapshots.read(self._context)
        self.failures.update(taken.failures)
        self.segments = presence.networks(self._context, taken)
        self._macs = {
            host: frozenset(one.mac for one in snapshot.root.links if one.mac)
            for host, snapshot in taken.snapshots.items()
        }
        causes = [
            one
            for segment in self.segments
            for one in static.causes(segment, taken.snapshots)
        ]
        causes.extend(
            one
            for one in clones.causes(
                self.segments, taken.snapshots, self._context.inventory
            )
            if one.covers
        )
        # Few are asked, and all have to wait for the answers.
        claimed = beside.start(lambda: self._claimed(taken.snapshots))
        self.first = self._first_round()
        causes.extend(claimed.result())
        causes.extend(self._below_open_vswitch(taken.snapshots, causes))
        causes.extend(self._written_by_hand(taken.snapshots, causes))
        second, found = self._second_round(taken.snapshots, self.first, causes)
        causes.extend(found)
        self.last = matrix.updated(self.first, second)
        causes.extend(
            silence.causes(
                self.failures,
                self.segments,
                self.last,
                bool(taken.snapshots),
            )
        )
        causes = cause.merged(causes)
        causes.extend(
            explained_module.unexplained(self.segments, self.last, causes)
        )
        self.causes = causes

    def findings(self) -> tuple[finding.Finding, ...]:
        """Return a finding for each cause; later checks get to know them."""
        troubled = self.last.troubled()
        totals = {
            one.name: len(plan.ordered_pairs(one)) for one in self.segments
        }
        found = tuple(
            cause.to_finding(one, self._check, troubled, totals)
            for one in self.causes
        )
        for one, told in zip(self.causes, found, strict=True):
            if one.entry is catalogue.HOST_ECHO_IGNORED:
                # Nothing but ping is in trouble.
                continue
            for pair in one.covers:
                self._context.explained.setdefault(pair, told)
        return found

    def status(
        self, findings: Sequence[finding.Finding]
    ) -> tuple[report.CheckStatus, str | None]:
        """Judge a check; what was not looked at is never well.

        :param findings: what the check found
        :returns: with the reason where it is neither well nor a fault
        """
        severities = {one.severity for one in findings}
        unable = {
            host
            for host, error in self.failures.items()
            if error.code is not errors.ErrorCode.NO_ANSWER
        }
        if finding.Severity.CRITICAL in severities:
            return report.CheckStatus.FAILED, None
        if not self._context.fleet.agents:
            return report.CheckStatus.INCONCLUSIVE, "there is no agent"
        lonely = [one.name for one in self.segments if len(one.sources) < 2]
        if not self.segments or lonely:
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

    def ask(
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
                self.failures[host] = one.error
            else:
                data[host] = one.data
        return data

    def _claimed(self, taken: segments.Snapshots) -> list[cause.Cause]:
        """Ask who has the hosts' addresses; who cannot ask is left out.

        It adds to what the pings tell, and an agent that is lost meanwhile
        is lost to these as well.
        """
        planned = claims.plan(self.segments)
        if not planned.requests:
            return []
        answers = self._context.fleet.ask(
            contract.PROBE_NEIGHBOURS,
            planned.requests,
            seconds=planned.seconds,
        )
        reports = {
            host: one.data
            for host, one in answers.items()
            if one.error is None
        }
        return [
            *claims.causes(planned, reports, taken, self._macs),
            *swapped.causes(planned, reports, taken),
        ]

    def _below_open_vswitch(
        self, taken: segments.Snapshots, known: Sequence[cause.Cause]
    ) -> list[cause.Cause]:
        """Return what is wrong below internal ports that reach nobody.

        Where all is well nobody is asked for his bridges.
        """
        troubled = self.first.troubled()
        passing = {
            (pair.segment, host)
            for pair, _ in self.first.results
            if pair not in troubled
            for host in pair[1:]
        }
        lost = {
            (pair.segment, host)
            for pair in explained_module.unsettled(self.first, known)
            for host in pair[1:]
        } - passing
        hosts = {
            member.host
            for segment in self.segments
            for member in segment.sources
            if (segment.name, member.host) in lost
            and member.link
            and lower.needs_bridges(member.link, taken[member.host].root)
        }
        if not hosts:
            return []
        bridges.read(self._context, hosts)
        internal = bridges.ports(self._context)
        return [
            one
            for segment in self.segments
            for one in static.causes(segment, taken, internal)
            if one.host in hosts and one not in known
        ]

    def _written_by_hand(
        self, taken: segments.Snapshots, known: Sequence[cause.Cause]
    ) -> list[cause.Cause]:
        """Return the neighbour entries that explain trouble by themselves."""
        lost = [
            pair
            for pair in explained_module.unsettled(self.first, known)
            if self.first.small_trouble(pair)
        ]
        return [
            one
            for segment in self.segments
            for one in fixed.causes(segment, taken, self._macs, lost)
        ]

    def _first_round(self) -> matrix.Matrix:
        options = self._context.options
        planned = plan.first_round(
            self.segments, options.count, options.size, _mark()
        )
        packets = sum(
            one.packets for part in planned for one in part.requests.values()
        )
        hosts = {host for part in planned for host in part.requests}
        self._context.progress(f"{packets} packets between {len(hosts)} hosts")
        return self._played(planned)

    def _second_round(
        self,
        taken: segments.Snapshots,
        first: matrix.Matrix,
        explained: Sequence[cause.Cause],
    ) -> tuple[matrix.Matrix, list[cause.Cause]]:
        """Look closer at the pairs whose trouble is not explained yet."""
        silent = frozenset(
            pair for pair in first.troubled() if pair.target in self.failures
        )
        troubled = explained_module.unsettled(first, explained) - silent
        slow = frozenset(
            pair
            for segment in self.segments
            for pair in latency.outliers(segment, first)
            if self._latency
        )
        if not troubled | slow:
            return _NO_ROUND, []
        known = explained_module.covered(explained) - slow
        closer = functools.partial(
            self._closer_look, taken, first, explained, troubled | slow, known
        )
        self._context.progress(
            f"looking closer at {len(troubled | slow)} pairs of hosts"
        )
        second, causes = closer(gently=False)
        if _is_crowded(causes, self.segments):
            self._context.progress(
                "most hosts lose packets: looking again, with few at a time"
            )
            second, causes = closer(gently=True)
        return second, causes

    def _closer_look(
        self,
        taken: segments.Snapshots,
        first: matrix.Matrix,
        explained: Sequence[cause.Cause],
        asked: frozenset[cause.Pair],
        known: frozenset[cause.Pair],
        *,
        gently: bool,
    ) -> tuple[matrix.Matrix, list[cause.Cause]]:
        """Ping watched, and tell the causes of what is seen."""
        options = self._context.options
        second = self._played(
            plan.second_round(
                self.segments,
                asked,
                options.size,
                _mark(),
                known,
                gently=gently,
            )
        )
        healthy = {pair for pair, _ in first.results} - first.troubled()
        alive = [
            pair
            for pair in healthy - known
            if (pair, plan.Size.SMALL) not in second.results
        ]
        causes: list[cause.Cause] = []
        for segment in self.segments:
            if self._latency:
                causes.extend(latency.causes(segment, first, second))
            causes.extend(
                live.causes(
                    segment,
                    explained_module.without_explained(second, explained),
                    options.size,
                    [pair for pair in alive if pair.segment == segment.name],
                    self._macs,
                    echo.ignored(segment, taken),
                )
            )
        return second, causes

    def _played(self, planned: Sequence[plan.Round]) -> matrix.Matrix:
        reports: list[dict[str, probe.IcmpReport]] = []
        for part in planned:
            able = {
                host: one
                for host, one in part.requests.items()
                if host not in self.failures
            }
            reports.append(self.ask(contract.PROBE_ICMP, able, part.seconds))
        return matrix.build(planned, reports)


def _mark() -> int:
    """Return the mark of a round's packets.

    What is late from one round is not counted in the next: a host that
    waits for a hardware address may hold replies for seconds.
    """
    return secrets.randbits(32)


def _is_crowded(
    causes: Sequence[cause.Cause], checked: Sequence[segments.Segment]
) -> bool:
    """Tell whether so many hosts lose packets that these may be too many.

    That many hosts are broken in the same way is less likely than that they
    share what has not the power for all of them: hosts that are virtual
    machines do, and the hosts of a lab.
    """
    lossy = {
        one.host for one in causes if one.entry is catalogue.HOST_PARTIAL_LOSS
    }
    hosts = {x.host for segment in checked for x in segment.sources}
    return len(lossy) >= _CROWD and 2 * len(lossy) > len(hosts)
