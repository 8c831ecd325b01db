# SPDX-License-Identifier: Apache-2.0
"""Who is on which network, and can take part in what is tried there."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from steth.checks import base
from steth.checks import snapshots
from steth.checks.mesh import cause
from steth.checks.mesh import grouping
from steth.checks.mesh import matrix
from steth.checks.mesh import segments
from steth.checks.mesh import silence
from steth.checks.mesh import static
from steth.model import finding
from steth.model import report
from steth.rpc import contract
from steth.rpc import requests

_NO_ROUND = matrix.Matrix(results={}, reports={})


def networks(
    context: base.Context, taken: snapshots.Taken
) -> tuple[segments.Segment, ...]:
    """Return the networks that the user wants checked.

    :raises base.UsageError: naming those that do not exist
    """
    addresses = {one.host: one.address for one in context.fleet.agents}
    built = grouping.build(
        taken.snapshots,
        context.inventory,
        {host: addresses.get(host) for host in taken.failures},
    )
    return wanted(built, context.options.networks, bool(taken.snapshots))


def wanted(
    built: Sequence[segments.Segment], names: Sequence[str], seen: bool
) -> tuple[segments.Segment, ...]:
    """Return the segments of these networks, all of them without any name.

    :param seen: whether any host was seen, so that a network must be there
    :raises base.UsageError: naming those that do not exist
    """
    known = {one.network for one in built} | {one.name for one in built}
    strangers = [one for one in names if one not in known]
    if strangers and seen:
        raise base.UsageError(
            f"there is no network {', '.join(strangers)}; there are: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    return tuple(
        one
        for one in built
        if not names or one.network in names or one.name in names
    )


class Presence:
    """The hosts of one check that is no survey of all pairs.

    ``snapshots`` are those of the hosts that answer, ``failures`` the errors
    of the others, ``segments`` the wanted networks.

    :param check: the name that the findings bear
    :raises base.UsageError: when a host or network does not exist
    """

    def __init__(self, context: base.Context, check: str) -> None:
        self._context = context
        self._check = check
        taken = snapshots.read(context)
        self.snapshots = taken.snapshots
        self.failures = dict(taken.failures)
        self.segments = networks(context, taken)
        self._unable = {
            one.name: static.unable(one, self.snapshots)
            for one in self.segments
        }

    def able(self, segment: segments.Segment) -> list[segments.Member]:
        """Return the members of a segment whose interface works."""
        unable = {one.host for one in self._unable[segment.name]}
        return [one for one in segment.sources if one.host not in unable]

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
            if one.error is None:
                data[host] = one.data
            else:
                self.failures.setdefault(host, one.error)
        return data

    def findings(
        self, wanted: Iterable[segments.Segment]
    ) -> list[finding.Finding]:
        """Return why hosts could not take part, or be asked.

        :param wanted: the segments that the check was about
        """
        causes = cause.merged(
            one for segment in wanted for one in self._unable[segment.name]
        )
        causes += silence.causes(
            self.failures, (), _NO_ROUND, bool(self.snapshots)
        )
        return [
            cause.to_finding(one, self._check, frozenset(), {})
            for one in causes
        ]

    def status(
        self,
        findings: Sequence[finding.Finding],
        doubts: Sequence[str],
    ) -> tuple[report.CheckStatus, str | None]:
        """Judge the check; what was not looked at is never well.

        :param doubts: what could not be looked at, and why
        """
        severities = {one.severity for one in findings}
        if finding.Severity.CRITICAL in severities:
            return report.CheckStatus.FAILED, None
        doubts = list(doubts)
        if not self._context.fleet.agents:
            doubts.append("there is no agent")
        if self.failures:
            hosts = cause.listed(sorted(self.failures))
            doubts.append(f"{hosts} could not be asked")
        if doubts:
            return report.CheckStatus.INCONCLUSIVE, "; ".join(doubts)
        if severities:
            return report.CheckStatus.WARNING, None
        return report.CheckStatus.PASSED, None
