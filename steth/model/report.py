# SPDX-License-Identifier: Apache-2.0
"""The outcome of one run."""

import enum
from typing import Any

import msgspec

from steth.model import agent
from steth.model import finding

SCHEMA = "steth.report/1"


class Verdict(enum.StrEnum):
    """The run in one word."""

    HEALTHY = "healthy"
    FAULTY = "faulty"
    INCONCLUSIVE = "inconclusive"


class ExitCode(enum.IntEnum):
    """What ``openstack steth`` commands exit with."""

    HEALTHY = 0
    FAILED = 1
    USAGE = 2
    FAULT_FOUND = 3
    INCONCLUSIVE = 4

    @classmethod
    def of(cls, verdict: Verdict) -> "ExitCode":
        """Return the exit code for a verdict."""
        return {
            Verdict.HEALTHY: cls.HEALTHY,
            Verdict.FAULTY: cls.FAULT_FOUND,
            Verdict.INCONCLUSIVE: cls.INCONCLUSIVE,
        }[verdict]


class CheckStatus(enum.StrEnum):
    """What came of one check."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a run; ``duration`` in seconds.

    ``applicable`` is false where there was nothing to check, because nothing
    of the kind is configured: that is no gap in what the run tells.
    ``measurements`` is plain data (JSON types only), its shape is the
    check's own and documented there.
    """

    name: str
    status: CheckStatus
    reason: str | None = None
    applicable: bool = True
    duration: float
    measurements: dict[str, Any] = {}


class ReportedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of the run."""

    host: str
    status: agent.AgentStatus
    transport: agent.Transport | None = None
    version: str | None = None
    reason: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole outcome; ``notes`` are remarks on the run itself.

    ``started_at`` is UTC in ISO 8601, ``duration`` in seconds.
    """

    schema: str = SCHEMA
    command: str
    started_at: str
    duration: float
    verdict: Verdict
    agents: tuple[ReportedAgent, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[finding.Finding, ...]
    notes: tuple[str, ...] = ()


def verdict_of(
    checks: tuple[CheckResult, ...],
    findings: tuple[finding.Finding, ...],
) -> Verdict:
    """Judge a run: a fault found, else something not looked at, else well.

    "Could not look" is never "looks fine"; where there is nothing to look
    at, the other checks tell.
    """
    checks = tuple(one for one in checks if one.applicable)
    critical = any(
        one.severity is finding.Severity.CRITICAL for one in findings
    )
    if critical or any(one.status is CheckStatus.FAILED for one in checks):
        return Verdict.FAULTY
    if not checks or any(
        one.status in {CheckStatus.INCONCLUSIVE, CheckStatus.SKIPPED}
        for one in checks
    ):
        return Verdict.INCONCLUSIVE
    return Verdict.HEALTHY
