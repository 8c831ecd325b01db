# SPDX-License-Identifier: Apache-2.0
"""Runs checks over a fleet and makes one report of it."""

from collections.abc import Iterable
import datetime
import logging
import time

from steth.checks import base
from steth.checks import merging
from steth.checks import switch_ports
from steth.model import finding
from steth.model import report

LOG = logging.getLogger(__name__)


def run(
    command: str,
    checks: Iterable[base.Check],
    context: base.Context,
    notes: Iterable[str] = (),
) -> report.Report:
    """Run checks one after the other; a broken one does not end the run.

    :param command: what the user typed, for the report
    :param notes: remarks on the run; read when all checks have ended
    :raises base.UsageError: when every check was asked for what is not
        there; where others were not, their outcome is worth a report
    """
    started_at = datetime.datetime.now(datetime.UTC)
    started = time.monotonic()
    results: list[report.CheckResult] = []
    findings: list[finding.Finding] = []
    mistakes: list[base.UsageError] = []
    for check in checks:
        try:
            outcome = _run_one(check, context)
        except base.UsageError as error:
            mistakes.append(error)
            outcome = _without_result(
                check, report.CheckStatus.INCONCLUSIVE, str(error)
            )
        results.append(outcome.result)
        findings.extend(outcome.findings)
    if mistakes and len(mistakes) == len(results):
        raise mistakes[0]
    findings, unknown = switch_ports.named(merging.merged(findings), context)
    return report.Report(
        command=command,
        started_at=started_at.isoformat(timespec="milliseconds"),
        duration=round(time.monotonic() - started, 3),
        verdict=report.verdict_of(tuple(results), tuple(findings)),
        agents=tuple(
            report.ReportedAgent(
                host=one.host,
                status=one.status,
                transport=one.transport,
                version=one.version,
                reason=one.reason,
            )
            for one in context.fleet.agents
        ),
        checks=tuple(results),
        findings=tuple(sorted(findings, key=_worst_first)),
        notes=(*notes, *unknown),
    )


def _run_one(check: base.Check, context: base.Context) -> base.CheckOutcome:
    started = time.monotonic()
    try:
        nothing = check.nothing_to_check(context)
        if nothing is not None:
            return _without_result(
                check,
                report.CheckStatus.SKIPPED,
                f"nothing configured: {nothing}",
                applicable=False,
            )
        unmet = check.unmet(context)
        if unmet is not None:
            return _without_result(check, report.CheckStatus.SKIPPED, unmet)
        return check.run(context)
    except base.UsageError:
        raise
    except Exception as error:
        # Whatever breaks in one check, the others and the report go on.
        LOG.debug("check %s broke", check.name, exc_info=True)
        return _without_result(
            check,
            report.CheckStatus.INCONCLUSIVE,
            f"the check itself broke: {error!r}",
            time.monotonic() - started,
        )


def _without_result(
    check: base.Check,
    status: report.CheckStatus,
    reason: str,
    duration: float = 0.0,
    *,
    applicable: bool = True,
) -> base.CheckOutcome:
    return base.CheckOutcome(
        result=report.CheckResult(
            name=check.name,
            status=status,
            reason=reason,
            applicable=applicable,
            duration=round(duration, 3),
        )
    )


def _worst_first(one: finding.Finding) -> tuple[int, str, str]:
    order = list(finding.Severity)
    return (order.index(one.severity), one.location.host or "", one.code)
