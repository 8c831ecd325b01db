# SPDX-License-Identifier: Apache-2.0
"""The closing line of a report: who answered, and by which way."""

from collections.abc import Iterable
from collections.abc import Sequence

from steth.model import agent as agent_model
from steth.model import report as report_model

_MOST_NAMES = 3


def summary(
    agents: Sequence[report_model.ReportedAgent], duration: float
) -> str:
    """Return e.g. ``12 agents answered (11 on the bus, 1 on 9698), 4.2 s``."""
    up = [one for one in agents if one.status is agent_model.AgentStatus.UP]
    parts = [_answered(len(up), len(agents))]
    ways = _ways(up)
    if ways:
        parts.append(f"({ways})")
    silent = [one.host for one in agents if one not in up]
    said = " ".join(parts)
    if silent:
        said += f", not {_names(silent)}"
    return f"{said}, {duration:.1f} s"


def _answered(up: int, known: int) -> str:
    if up == known:
        return f"{up} agent{'' if up == 1 else 's'} answered"
    return f"{up} of {known} agents answered"


def _ways(up: Iterable[report_model.ReportedAgent]) -> str:
    on_bus = 0
    by_reason: dict[str | None, list[str]] = {}
    for one in up:
        if one.transport is agent_model.Transport.BUS:
            on_bus += 1
        else:
            by_reason.setdefault(one.reason, []).append(one.host)
    direct = sum(len(hosts) for hosts in by_reason.values())
    if not on_bus and not direct:
        return ""
    if not direct:
        return "all on the bus" if on_bus > 1 else "on the bus"
    why = "; ".join(
        _why(reason, hosts, everybody=not on_bus and len(by_reason) == 1)
        for reason, hosts in by_reason.items()
        if reason
    )
    ways = [f"{on_bus} on the bus"] if on_bus else []
    count = "all" if not on_bus and direct > 1 else str(direct)
    ways.append(f"{count} on 9698" + (f": {why}" if why else ""))
    return ", ".join(ways)


def _why(reason: str, hosts: Sequence[str], *, everybody: bool) -> str:
    return reason if everybody else f"{_names(hosts)} {reason}"


def _names(hosts: Sequence[str]) -> str:
    said = ", ".join(hosts[:_MOST_NAMES])
    more = len(hosts) - _MOST_NAMES
    return f"{said} and {more} more" if more > 0 else said
