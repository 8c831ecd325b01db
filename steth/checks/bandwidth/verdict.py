# SPDX-License-Identifier: Apache-2.0
"""How a run of the check ended: what could not be measured is never well."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import report
from steth.rpc import errors

_Failures = Mapping[str, errors.OperationError]


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """What may keep a run from being complete.

    ``agents`` is how many there are, ``failures`` the errors of hosts,
    ``failed`` why tests came to nothing, ``untested`` says of networks how
    much of them ``rounds`` left out.
    """

    agents: int
    checked: Sequence[segments.Segment]
    failures: _Failures
    failed: Mapping[cause.Pair, str]
    untested: Sequence[str]
    rounds: int


def unequipped(
    failures: _Failures, rows: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return why nothing was measured, if it was for want of the tool.

    :param rows: of the networks, as they are reported
    """
    if not failures or any(row["pairs_tested"] for row in rows):
        return None
    if any(
        error.code is not errors.ErrorCode.MISSING
        for error in failures.values()
    ):
        return None
    host, error = min(failures.items())
    return f"nothing could be measured; {host}: {error.message}"


def status(
    findings: Sequence[finding.Finding], gaps: Gaps
) -> tuple[report.CheckStatus, str | None]:
    """Judge the check; return also what keeps it from being well."""
    severities = {one.severity for one in findings}
    if finding.Severity.CRITICAL in severities:
        return report.CheckStatus.FAILED, None
    missing = _missing(gaps)
    if missing is not None:
        return report.CheckStatus.INCONCLUSIVE, missing
    bounded = None
    if gaps.untested:
        bounded = (
            f"tested were {cause.listed(gaps.untested)}: check bandwidth "
            f"--rounds bounds the load, now to {gaps.rounds} rounds a network"
        )
    if severities:
        return report.CheckStatus.WARNING, bounded
    return report.CheckStatus.PASSED, bounded


def _missing(gaps: Gaps) -> str | None:
    if not gaps.agents:
        return "there is no agent"
    lonely = [one.name for one in gaps.checked if len(one.sources) < 2]
    if lonely:
        return f"fewer than two hosts on {cause.listed(lonely)}"
    if not gaps.checked:
        return "no network has two hosts on it"
    if gaps.failures:
        host, error = min(gaps.failures.items())
        return (
            f"{cause.listed(sorted(gaps.failures))} could not take part "
            f"({host}: {error.message})"
        )
    if gaps.failed:
        pair, why = min(gaps.failed.items())
        return (
            f"{len(gaps.failed)} tests came to nothing, as that from "
            f"{pair.source} to {pair.target} on {pair.segment} ({why})"
        )
    return None
