# SPDX-License-Identifier: Apache-2.0
"""What causes explain of the trouble that was seen, and what is left."""

from collections.abc import Sequence

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding


def unsettled(
    results: matrix.Matrix, causes: Sequence[cause.Cause]
) -> frozenset[cause.Pair]:
    """Return the pairs whose trouble no cause explains."""
    whole = covered(causes)
    full = covered(causes, full_size_only=True)
    return frozenset(
        pair
        for pair in results.troubled()
        if pair not in whole
        and (pair not in full or results.small_trouble(pair))
    )


def covered(
    causes: Sequence[cause.Cause], *, full_size_only: bool = False
) -> frozenset[cause.Pair]:
    """Return the pairs whose trouble is explained, or that of full size."""
    return frozenset(
        pair
        for one in causes
        if one.full_size_only is full_size_only
        # What takes long is not lost.
        and one.entry is not catalogue.UNDERLAY_LATENCY
        for pair in one.covers
    )


def without_explained(
    results: matrix.Matrix, causes: Sequence[cause.Cause]
) -> matrix.Matrix:
    """Leave out what a cause on the hosts themselves explains already."""
    whole = covered(causes)
    full = covered(causes, full_size_only=True)
    return msgspec.structs.replace(
        results,
        results={
            (pair, size): result
            for (pair, size), result in results.results.items()
            if pair not in whole
            and (size is plan.Size.SMALL or pair not in full)
        },
    )


def unexplained(
    checked: Sequence[segments.Segment],
    last: matrix.Matrix,
    causes: Sequence[cause.Cause],
) -> list[cause.Cause]:
    """Tell of trouble that nothing explains: it is never passed over."""
    rest = unsettled(last, causes)
    found = []
    for segment in checked:
        pairs = sorted(pair for pair in rest if pair.segment == segment.name)
        if not pairs:
            continue
        shown = [f"{one.source} to {one.target}" for one in pairs]
        found.append(
            cause.Cause(
                entry=catalogue.UNDERLAY_UNREACHABLE,
                summary=(
                    f"on {segment.name} packets are lost from "
                    f"{cause.listed(shown, 3)}, and nothing tells where"
                ),
                networks=(segment.name,),
                covers=frozenset(pairs),
                evidence=tuple(_as_seen(pair, last) for pair in pairs[:3]),
                confidence=finding.Confidence.POSSIBLE,
            )
        )
    return found


def _as_seen(pair: cause.Pair, last: matrix.Matrix) -> finding.Evidence:
    size = plan.Size.SMALL if last.small_trouble(pair) else plan.Size.FULL
    result = last.results[(pair, size)]
    return finding.Evidence(
        host=pair.source,
        source=f"echo requests of {result.size} bytes to {result.address}",
        expected=f"{result.sent} answers" if result.sent else "they are sent",
        observed=f"{result.received} answers"
        + (f", {result.failure}" if result.failure else "")
        + (f" ({result.detail})" if result.detail else ""),
    )
