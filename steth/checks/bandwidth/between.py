# SPDX-License-Identifier: Apache-2.0
"""How much passes between two hosts, in both directions."""

import msgspec

from steth.checks import base
from steth.checks import snapshots
from steth.checks.bandwidth import measure
from steth.checks.mesh import cause
from steth.checks.mesh import grouping
from steth.checks.mesh import segments
from steth.model import throughput
from steth.rpc import errors


class Direction(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one direction: a report, or why there is none."""

    network: str
    source: str
    target: str
    report: throughput.ThroughputReport | None = None
    error: str | None = None


def both_ways(context: base.Context, one: str, other: str) -> list[Direction]:
    """Measure from one host to the other and then back.

    It is done on the networks that were chosen, else on the first that both
    hosts are on.

    :raises base.UsageError: when a host has no agent that answers, or they
        are on no such network together
    """
    taken = snapshots.read(context)
    for host, error in sorted(taken.failures.items()):
        if host in (one, other):
            raise base.UsageError(f"{host}: {error.message}")
    built = grouping.build(taken.snapshots, context.inventory, {})
    wanted = context.options.networks
    shared = [
        segment
        for segment in built
        if {one, other} <= {member.host for member in segment.sources}
    ]
    known = {name for each in shared for name in (each.network, each.name)}
    for name in wanted:
        if name not in known:
            raise base.UsageError(
                f"{one} and {other} are not both on {name}"
                + errors.instead_of(name, known, "they are on")
            )
    if not shared:
        raise base.UsageError(f"{one} and {other} are not both on any network")
    chosen = [
        segment
        for segment in shared
        if segment.network in wanted or segment.name in wanted
    ]
    return [
        _measured(context, segment, source, target)
        for segment in chosen or shared[:1]
        for source, target in ((one, other), (other, one))
    ]


def _measured(
    context: base.Context, segment: segments.Segment, source: str, target: str
) -> Direction:
    context.progress(f"{segment.name}: {source} to {target}")
    pair = cause.Pair(segment.name, source, target)
    measured = measure.at_once(
        context.fleet, segment, [pair], context.options.throughput
    )
    return Direction(
        network=segment.name,
        source=source,
        target=target,
        report=measured.reports.get(pair),
        error=measured.failed.get(pair),
    )
