# SPDX-License-Identifier: Apache-2.0
"""Round trips that take far longer than the others of their network.

The smallest of several round trips is compared, so that a single delay does
not count, and only what two rounds agree on, and both hosts: the way there and
back is the same from either end. What one end alone finds is its own, such as
a processor that has too much to do.
"""

import math
import statistics

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding

#: An outlier takes so many times the median, and so many ms more.
_TIMES = 10.0
_MORE = 5.0
#: A host is the cause when so many of its round trips are outliers.
_SHARE = 0.8


def outliers(
    segment: segments.Segment, results: matrix.Matrix
) -> dict[cause.Pair, float]:
    """Return the pairs that are too slow, with their smallest RTT in ms."""
    fastest = _fastest(segment, results)
    return _agreed(fastest, _limit(_usual(fastest)))


def causes(
    segment: segments.Segment, first: matrix.Matrix, second: matrix.Matrix
) -> list[cause.Cause]:
    """Return the slow hosts, and the slow pairs of other hosts as one."""
    usual = _usual(_fastest(segment, first))
    confirmed = _agreed(_fastest(segment, second), _limit(usual))
    slow = {
        pair: min(rtt, confirmed[pair])
        for pair, rtt in outliers(segment, first).items()
        if pair in confirmed
    }
    found: list[cause.Cause] = []
    while slow:
        hosts = sorted({host for pair in slow for host in pair[1:]})
        shares = {host: _share_of(host, slow, segment) for host in hosts}
        host = max(hosts, key=lambda one: shares[one])
        if shares[host] < _SHARE or len(segment.members) < 3:
            break
        mine = {pair: rtt for pair, rtt in slow.items() if host in pair[1:]}
        found.append(
            _cause(segment, host, f"{host} and the other hosts", mine, usual)
        )
        slow = {pair: rtt for pair, rtt in slow.items() if pair not in mine}
    if slow:
        ends = sorted({tuple(sorted(one[1:])) for one in slow})
        shown = [" and ".join(one) for one in ends]
        found.append(
            _cause(segment, None, cause.listed(shown, 3), slow, usual)
        )
    return found


def _agreed(
    fastest: dict[cause.Pair, float], limit: float
) -> dict[cause.Pair, float]:
    """Return the pairs that are slow, from both ends if both have asked."""
    return {
        pair: rtt
        for pair, rtt in fastest.items()
        if min(rtt, fastest.get(pair.reverse, rtt)) > limit
    }


def _usual(fastest: dict[cause.Pair, float]) -> float:
    """Return the lower quartile: one slow host is in up to 2/3 of pairs."""
    if len(fastest) < 2:
        return math.inf
    return sorted(fastest.values())[(len(fastest) - 1) // 4]


def _limit(usual: float) -> float:
    return max(usual * _TIMES, usual + _MORE)


def _fastest(
    segment: segments.Segment, results: matrix.Matrix
) -> dict[cause.Pair, float]:
    return {
        pair: result.rtt_min
        for pair, size, result in results.of_segment(segment.name)
        if size is plan.Size.SMALL and result.rtt_min is not None
    }


def _share_of(
    host: str, slow: dict[cause.Pair, float], segment: segments.Segment
) -> float:
    possible = 2 * (len(segment.sources) - 1)
    return sum(host in pair[1:] for pair in slow) / max(1, possible)


def _cause(
    segment: segments.Segment,
    host: str | None,
    whom: str,
    slow: dict[cause.Pair, float],
    usual: float,
) -> cause.Cause:
    rtt = statistics.median(slow.values())
    return cause.Cause(
        entry=catalogue.UNDERLAY_LATENCY,
        summary=(
            f"the round trip between {whom} on {segment.name} takes "
            f"{rtt:.2f} ms, usual there are {usual:.2f} ms"
        ),
        host=host,
        device=segment.device(host) if host else None,
        networks=(segment.name,),
        covers=frozenset(slow),
        evidence=(
            finding.Evidence(
                host=host,
                source="smallest round trip time of an echo, median of pairs",
                expected=f"about {usual:.2f} ms, as between other hosts",
                observed=f"{rtt:.2f} ms",
            ),
        ),
        confidence=finding.Confidence.LIKELY,
    )
