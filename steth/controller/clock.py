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

from steth.controller import outcome

#: In seconds. A host with NTP is nearer by far.
BOUND = 1.0


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
                error=half,
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
    group = agreeing(measured)
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


def exact(measured: Mapping[str, Reading]) -> list[str]:
    """Return the hosts whose own error leaves the bound a meaning.

    Where there are none, these are all.
    """
    return [
        host for host, one in measured.items() if one.error <= BOUND / 2
    ] or list(measured)


def agreeing(measured: Mapping[str, Reading]) -> list[str]:
    """Return the largest group of hosts that are within the bound."""
    hosts = sorted(
        exact(measured), key=lambda host: (measured[host].offset, host)
    )
    best: list[str] = []
    for first, host in enumerate(hosts):
        end = measured[host].offset + BOUND
        group = [one for one in hosts[first:] if measured[one].offset <= end]
        if len(group) > len(best):
            best = group
    return best
