# SPDX-License-Identifier: Apache-2.0
"""The hosts' clocks against each other, measured over the round trip.

As in RFC 5905, section 8: an agent's clock was read at some time between
question and answer. The middle is taken for it; it is wrong by half the
round trip at most.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import statistics

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.controller import outcome
from steth.model import finding

#: In seconds. A host with NTP is nearer by far.
BOUND = 1.0

_SOURCE = "clock of the host, over the round trip of a call"
#: What the round trip in an outcome may be rounded by.
_ROUNDING = 0.001


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A clock, ``error`` seconds at most off ``offset``.

    ``offset`` is in seconds, against any clock that is the same for all.
    """

    offset: float
    error: float


def readings(
    answers: Iterable[Mapping[str, outcome.Outcome]],
) -> dict[str, Reading]:
    """Return the best reading of each host, out of several rounds.

    :param answers: to ``inspect.agent``, a mapping a round
    """
    best: dict[str, Reading] = {}
    for one_round in answers:
        for host, one in one_round.items():
            if one.error is not None:
                continue
            half = one.elapsed / 2
            reading = Reading(
                offset=one.data.time - (one.ended - half),
                error=half + _ROUNDING,
            )
            if host not in best or reading.error < best[host].error:
                best[host] = reading
    return best


def relative(measured: Mapping[str, Reading]) -> dict[str, Reading]:
    """Return the clocks against that of the hosts that agree.

    The largest group within the bound says what time it is.
    """
    if not measured:
        return {}
    group = _agreeing(measured)
    middle = statistics.median(measured[host].offset for host in group)
    # The median is between two of them: no more off than the worst.
    doubt = max(measured[host].error for host in group)
    return {
        host: Reading(
            offset=one.offset - middle,
            error=one.error + (doubt if len(measured) > 1 else 0.0),
        )
        for host, one in measured.items()
    }


def unclear(measured: Mapping[str, Reading]) -> list[str]:
    """Return the hosts whose clocks were not measured well enough."""
    return sorted(
        host
        for host, one in relative(measured).items()
        if one.error > BOUND and not _is_off(one)
    )


def causes(measured: Mapping[str, Reading]) -> list[cause.Cause]:
    """Return a cause for each clock that is off for certain."""
    compared = relative(measured)
    off = sorted(host for host, one in compared.items() if _is_off(one))
    if not off:
        return []
    if 2 * len(_agreeing(measured)) <= len(_exact(measured)):
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


def shown(one: Reading) -> str:
    """Return an offset in words, without its sign."""
    return f"{abs(one.offset):.3f} s (± {one.error:.3f} s)"


def _disagreement(
    compared: Mapping[str, Reading], off: list[str]
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


def _evidence(host: str, one: Reading) -> finding.Evidence:
    sign = "+" if one.offset > 0 else "-"
    return finding.Evidence(
        host=host,
        source=_SOURCE,
        expected=f"within {BOUND:.0f} s of the other hosts",
        observed=f"{sign}{shown(one)}",
    )


def _is_off(one: Reading) -> bool:
    return abs(one.offset) - one.error > BOUND


def _exact(measured: Mapping[str, Reading]) -> list[str]:
    """Return the hosts whose own error leaves the bound a meaning.

    Where there are none, these are all.
    """
    return [
        host for host, one in measured.items() if one.error <= BOUND / 2
    ] or list(measured)


def _agreeing(measured: Mapping[str, Reading]) -> list[str]:
    """Return the largest group of hosts that are within the bound."""
    hosts = sorted(
        _exact(measured), key=lambda host: (measured[host].offset, host)
    )
    best: list[str] = []
    for first, host in enumerate(hosts):
        end = measured[host].offset + BOUND
        group = [one for one in hosts[first:] if measured[one].offset <= end]
        if len(group) > len(best):
            best = group
    return best
