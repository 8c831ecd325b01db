# SPDX-License-Identifier: Apache-2.0
"""What the causes that were found on a network make of it."""

from collections.abc import Iterable

from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import report


def status_of(
    segment: segments.Segment, causes: Iterable[cause.Cause]
) -> report.CheckStatus:
    """Judge one segment by the causes found on it."""
    here = [
        one
        for one in causes
        if segment.name in one.networks
        or any(pair.segment == segment.name for pair in one.covers)
    ]
    # Of a silent agent's network nothing is known but that it was not seen.
    unseen = [one for one in here if one.entry.code.startswith("agent-")]
    severities = {one.entry.severity for one in here if one not in unseen}
    if finding.Severity.CRITICAL in severities:
        return report.CheckStatus.FAILED
    if unseen or len(segment.sources) < 2:
        return report.CheckStatus.INCONCLUSIVE
    if severities:
        return report.CheckStatus.WARNING
    return report.CheckStatus.PASSED
