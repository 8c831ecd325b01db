# SPDX-License-Identifier: Apache-2.0
"""What is reported of each host, in JSON types only."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import msgspec

from steth.checks.mesh import cause
from steth.controller import clock as clock_module
from steth.model import finding
from steth.model import host as host_model
from steth.model import node as node_model
from steth.model import report


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of one host; ``None`` what was not.

    ``clock`` is against the other hosts, ``seconds`` the time between the
    two readings of its counters.
    """

    host: str
    uplinks: tuple[host_model.Link, ...] | None = None
    node: node_model.Node | None = None
    clock: clock_module.Reading | None = None
    seconds: float | None = None
    whole: bool = True


def row(seen: Seen, causes: Iterable[cause.Cause]) -> dict[str, Any]:
    """Return the row of one host."""
    here = [one for one in causes if concerns(one, seen.host)]
    links = seen.uplinks
    return {
        "host": seen.host,
        "hostname": seen.node.hostname if seen.node else None,
        "interfaces_up": (
            None
            if links is None
            else sum(bool(one.admin_up and one.carrier) for one in links)
        ),
        "interfaces": None if links is None else len(links),
        "clock_offset_ms": (
            round(1000 * seen.clock.offset, 1) if seen.clock else None
        ),
        "clock_error_ms": (
            round(1000 * seen.clock.error, 1) if seen.clock else None
        ),
        "seconds_watched": (
            None if seen.seconds is None else round(seen.seconds, 3)
        ),
        "problems": len(here),
        "status": str(_status(here, seen.whole)),
    }


def concerns(one: cause.Cause, host: str) -> bool:
    """Return whether a cause is of a host, or of several and it is one."""
    if one.host is not None:
        return one.host == host
    return any(evidence.host == host for evidence in one.evidence)


def _status(here: Sequence[cause.Cause], whole: bool) -> report.CheckStatus:
    # Of the host of a silent agent nothing is known.
    severities = {
        one.entry.severity
        for one in here
        if one.entry.severity is not finding.Severity.CRITICAL
        or not one.entry.code.startswith("agent-")
    }
    if finding.Severity.CRITICAL in severities:
        return report.CheckStatus.FAILED
    if not whole:
        return report.CheckStatus.INCONCLUSIVE
    if finding.Severity.WARNING in severities:
        return report.CheckStatus.WARNING
    return report.CheckStatus.PASSED
