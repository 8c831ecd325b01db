# SPDX-License-Identifier: Apache-2.0
"""Which of the hosts' clocks is off."""

from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.controller import clock
from steth.model import finding

_SOURCE = "clock of the host, over the round trip of a call"


def unclear(measured: Mapping[str, clock.Reading]) -> list[str]:
    """Return the hosts whose clocks were not measured well enough."""
    return sorted(
        host
        for host, one in clock.relative(measured).items()
        if one.error > clock.BOUND and not _is_off(one)
    )


def causes(measured: Mapping[str, clock.Reading]) -> list[cause.Cause]:
    """Return a cause for each clock that is off for certain."""
    compared = clock.relative(measured)
    off = sorted(host for host, one in compared.items() if _is_off(one))
    if not off:
        return []
    if 2 * len(clock.agreeing(measured)) <= len(clock.exact(measured)):
        # No majority: nothing tells who is right.
        return [_disagreement(compared, off)]
    return [
        cause.Cause(
            entry=catalogue.HOST_CLOCK_OFFSET,
            summary=(
                f"the clock of {host} is {shown(compared[host])} "
                f"{'ahead of' if compared[host].offset > 0 else 'behind'} "
                f"that of the other hosts"
            ),
            host=host,
            evidence=(_evidence(host, compared[host]),),
        )
        for host in off
    ]


def shown(one: clock.Reading) -> str:
    """Return an offset in words, without its sign."""
    return f"{abs(one.offset):.3f} s (± {one.error:.3f} s)"


def _disagreement(
    compared: Mapping[str, clock.Reading], off: list[str]
) -> cause.Cause:
    first = min(compared, key=lambda host: abs(compared[host].offset))
    hosts = sorted({first, *off})
    return cause.Cause(
        entry=catalogue.HOST_CLOCK_OFFSET,
        summary=(
            f"the clocks of {cause.listed(hosts)} differ, and no majority "
            f"tells which is right"
        ),
        evidence=tuple(_evidence(host, compared[host]) for host in hosts),
    )


def _evidence(host: str, one: clock.Reading) -> finding.Evidence:
    sign = "+" if one.offset > 0 else "-"
    return finding.Evidence(
        host=host,
        source=_SOURCE,
        expected=f"within {clock.BOUND:.0f} s of the other hosts",
        observed=f"{sign}{shown(one)}",
    )


def _is_off(one: clock.Reading) -> bool:
    return abs(one.offset) - one.error > clock.BOUND
