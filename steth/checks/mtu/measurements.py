# SPDX-License-Identifier: Apache-2.0
"""The figures of the report, and what they add to the findings' evidence."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import judgement
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.checks.mtu import ladder
from steth.checks.mtu import needs
from steth.model import finding


def row(
    segment: segments.Segment,
    need: needs.Need | None,
    paths: Mapping[cause.Pair, ladder.Path],
    causes: Iterable[cause.Cause],
) -> dict[str, Any]:
    """Return one segment's row of ``measurements["networks"]``.

    ``too_small`` has every pair whose path MTU is less than what is needed,
    with who told the limit, if anybody did.

    :param need: what Neutron's tunnels on the segment need, if any are
    """
    mine = {
        pair: path
        for pair, path in paths.items()
        if pair.segment == segment.name
    }
    sizes = [path.passed for path in mine.values()]
    needed, needed_by = segment.mtu, "other hosts"
    if segment.mtu_configured:
        needed_by = "configuration"
    if need is not None and need.size > needed:
        needed, needed_by = need.size, "neutron"
    return {
        "name": segment.name,
        "cidrs": list(segment.cidrs),
        "hosts": len(segment.sources),
        "pairs": len(plan.ordered_pairs(segment)),
        "pairs_measured": len(mine),
        "pairs_ok": sum(one >= needed for one in sizes),
        "needed": needed,
        "needed_by": needed_by,
        "smallest": min(sizes, default=None),
        "largest": max(sizes, default=None),
        "too_small": [
            {
                "source": pair.source,
                "target": pair.target,
                "path_mtu": path.passed,
                "reported_by": path.reported_by,
            }
            for pair, path in sorted(mine.items())
            if path.passed < needed
        ],
        "status": str(judgement.status_of(segment, causes)),
    }


def with_sizes(
    causes: Iterable[cause.Cause], paths: Mapping[cause.Pair, ladder.Path]
) -> list[cause.Cause]:
    """Add to causes of too small a path MTU how large it is."""
    return [_with_size(one, paths) for one in causes]


def _with_size(
    one: cause.Cause, paths: Mapping[cause.Pair, ladder.Path]
) -> cause.Cause:
    small = [
        (paths[pair].passed, pair)
        for pair in one.covers
        if pair in paths and paths[pair].passed < paths[pair].needed
    ]
    if not one.full_size_only or not small:
        return one
    size, pair = min(small)
    return msgspec.structs.replace(
        one,
        evidence=(
            *one.evidence,
            finding.Evidence(
                host=pair.source,
                source="echo requests of many sizes, not to be fragmented",
                expected=f"{paths[pair].needed} bytes pass to {pair.target}",
                observed=f"{size} bytes pass, {paths[pair].failed} do not",
            ),
        ),
    )
