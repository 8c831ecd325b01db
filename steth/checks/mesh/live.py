# SPDX-License-Identifier: Apache-2.0
"""Causes out of what a watched round counted on one segment.

Each stage of the way is asserted by itself: what entered it must have passed
it. What failed is explained once, by the stage where the packets were last
seen; stages behind it saw no packets, so that they cannot fail.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import astray
from steth.checks.mesh import attribution
from steth.checks.mesh import cause
from steth.checks.mesh import impostor
from steth.checks.mesh import matrix
from steth.checks.mesh import passage
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.checks.mesh import unresolved
from steth.checks.mesh import wire
from steth.model import finding
from steth.model import probe

_ANSWERS = "answers to the agent's echo requests"
_COUNTED = "packets counted on the device and at the socket"


def causes(
    segment: segments.Segment,
    second: matrix.Matrix,
    small: int,
    alive: Sequence[cause.Pair],
    macs: Mapping[str, frozenset[str]],
    ignored: Mapping[str, finding.Evidence],
) -> list[cause.Cause]:
    """Return what is wrong on a segment, as the packets tell.

    :param second: the watched round
    :param small: length of the small packets in bytes, as they were asked
    :param alive: pairs that the first round found to be well
    :param macs: the hardware addresses of each host's own devices
    :param ignored: the hosts that are set to answer no echo request, and
        the setting
    """
    counted = passage.build(segment, second, small)
    found = [
        *impostor.causes(segment, second, small, macs),
        *_refused(segment, second),
        *astray.causes(segment, second),
        *unresolved.causes(segment, second),
    ]
    # A way that is closed to small packets is closed to large ones: one
    # cause, not two.
    for size in plan.Size:
        told = frozenset(pair for one in found for pair in one.covers)
        found.extend(
            one
            for one in (
                *_in_host(segment, second, counted, size, ignored),
                *wire.dead(segment, counted, size, alive),
            )
            if not one.covers <= told
        )
    told = frozenset(pair for one in found for pair in one.covers)
    found.extend(
        one for one in wire.lossy(segment, counted) if not one.covers <= told
    )
    return found


_Refusal = tuple[catalogue.Entry, Callable[[str, str], str], str]

_REFUSALS: Mapping[probe.FailureKind, _Refusal] = {
    probe.FailureKind.NO_ROUTE: (
        catalogue.HOST_NO_ROUTE,
        lambda host, network: f"{host} has no route to network {network}",
        "a route to {address}",
    ),
    probe.FailureKind.NOT_SENT: (
        catalogue.HOST_CANNOT_SEND,
        lambda host, network: f"{host} may not send on network {network}",
        "a packet to {address} is sent",
    ),
}


def _refused(
    segment: segments.Segment, second: matrix.Matrix
) -> Iterator[cause.Cause]:
    """Tell what the sender's own kernel, or a router, refused by name."""
    by_host: dict[
        tuple[str, probe.FailureKind], list[tuple[cause.Pair, int]]
    ] = {}
    told: dict[str, list[tuple[cause.Pair, probe.IcmpResult]]] = {}
    for pair, size, result in second.of_segment(segment.name):
        if (
            result.failure is not None
            and result.failure in _REFUSALS
            and size is plan.Size.SMALL
        ):
            by_host.setdefault((pair.source, result.failure), []).append(
                (pair, result.sent)
            )
        if result.failure is probe.FailureKind.TOO_BIG and result.reported_by:
            told.setdefault(result.reported_by, []).append((pair, result))
    for (host, kind), refused in sorted(by_host.items()):
        entry, summary, expected = _REFUSALS[kind]
        pair = refused[0][0]
        target = segment.member(pair.target)
        result = second.results[(pair, plan.Size.SMALL)]
        yield cause.Cause(
            entry=entry,
            summary=summary(host, segment.name),
            host=host,
            device=segment.device(host),
            networks=(segment.name,),
            covers=cause.pairs_of(segment, host)
            if len(refused) == len(segment.members) - 1
            else cause.both_ways(pair for pair, _ in refused),
            evidence=(
                finding.Evidence(
                    host=host,
                    source=_ANSWERS,
                    expected=expected.format(
                        address=target.address if target else pair.target
                    ),
                    observed=result.detail or kind.value,
                ),
            ),
        )
    for router, limited in sorted(told.items()):
        pair, result = limited[0]
        yield cause.Cause(
            entry=catalogue.UNDERLAY_MTU_REPORTED,
            summary=(
                f"the router {router} on network {segment.name} lets packets "
                f"of {result.mtu} bytes through, {segment.mtu} are needed"
            ),
            networks=(segment.name,),
            covers=cause.both_ways(pair for pair, _ in limited),
            full_size_only=True,
            evidence=(
                finding.Evidence(
                    host=pair.source,
                    source="ICMP error on a full-size echo request",
                    expected=f"{segment.mtu} bytes pass to {pair.target}",
                    observed=f"{router} reports a limit of {result.mtu}",
                ),
            ),
        )


class _InHost(msgspec.Struct, frozen=True, kw_only=True):
    """A stage that lies inside of a host."""

    stage: passage.Stage
    #: Which end of the pair the host is: 0 the sender, 1 the target.
    end: int
    entry: catalogue.Entry
    expected: str
    observed: str


_IN_HOST = (
    _InHost(
        stage=passage.Stage.LEAVE,
        end=0,
        entry=catalogue.HOST_CANNOT_SEND,
        expected="what is sent to {peers} leaves {device}",
        observed="{passed} of {entered} packets left it",
    ),
    _InHost(
        stage=passage.Stage.ANSWER,
        end=1,
        entry=catalogue.HOST_FILTERED,
        expected="requests from {peers} are answered",
        observed="{entered} came in on {device}, {passed} were answered",
    ),
    _InHost(
        stage=passage.Stage.DELIVER,
        end=0,
        entry=catalogue.HOST_FILTERED,
        expected="replies from {peers} are delivered",
        observed="{entered} came in on {device}, {passed} were delivered",
    ),
)


def _in_host(
    segment: segments.Segment,
    second: matrix.Matrix,
    counted: passage.Passage,
    size: plan.Size,
    ignored: Mapping[str, finding.Evidence],
) -> Iterator[cause.Cause]:
    """Tell what the hosts themselves drop, on the way in or out."""
    partly: dict[str, list[cause.Cause]] = {}
    dropped: dict[tuple[str, str], list[cause.Cause]] = {}
    waiting = unresolved.hosts(second)
    for kind in _IN_HOST:
        by_host: dict[str, dict[cause.Pair, passage.Count]] = {}
        for pair, count in counted.of_stage(kind.stage, size).items():
            host = (pair.source, pair.target)[kind.end]
            if not _cannot_answer(kind, pair, second):
                by_host.setdefault(host, {})[pair] = count
        for host, counts in by_host.items():
            dead = {p: c for p, c in counts.items() if c.dead}
            if dead and kind.stage is passage.Stage.ANSWER and host in ignored:
                yield _ignored(segment, kind, ignored[host], dead, size)
                continue
            if dead:
                dropped.setdefault((host, kind.entry.code), []).append(
                    _dropped(segment, kind, host, dead, size)
                )
                continue
            if kind.stage is passage.Stage.ANSWER and host in waiting:
                continue
            lossy = {p: c for p, c in counts.items() if c.lost}
            total = _total(counts)
            if attribution.matters(total):
                partly.setdefault(host, []).append(
                    _dropped(
                        segment,
                        msgspec.structs.replace(
                            kind, entry=catalogue.HOST_PARTIAL_LOSS
                        ),
                        host,
                        lossy,
                        size,
                    )
                )
    for alike in (*dropped.values(), *partly.values()):
        first = alike[0]
        yield msgspec.structs.replace(
            first,
            covers=frozenset().union(*(one.covers for one in alike)),
            evidence=tuple(line for one in alike for line in one.evidence),
        )


def _cannot_answer(
    kind: _InHost, pair: cause.Pair, second: matrix.Matrix
) -> bool:
    """Tell whether a host does not answer because it finds no way back."""
    if kind.stage is not passage.Stage.ANSWER:
        return False
    back = second.results.get((pair.reverse, plan.Size.SMALL))
    return back is not None and back.failure in {
        probe.FailureKind.NO_NEIGHBOUR,
        probe.FailureKind.NO_ROUTE,
        probe.FailureKind.NOT_SENT,
    }


def _ignored(
    segment: segments.Segment,
    kind: _InHost,
    setting: finding.Evidence,
    counts: Mapping[cause.Pair, passage.Count],
    size: plan.Size,
) -> cause.Cause:
    """Tell of a host that answers nobody; what it asks itself is answered."""
    host = setting.host or ""
    dropped = _dropped(segment, kind, host, counts, size)
    return msgspec.structs.replace(
        dropped,
        entry=catalogue.HOST_ECHO_IGNORED,
        summary=f"{host} is set to answer none of the pings that reach it",
        # It is one setting, whatever network it shows on.
        device=None,
        covers=frozenset(counts),
        full_size_only=False,
        evidence=(setting, *dropped.evidence),
    )


def _dropped(
    segment: segments.Segment,
    kind: _InHost,
    host: str,
    counts: Mapping[cause.Pair, passage.Count],
    size: plan.Size,
) -> cause.Cause:
    total = _total(counts)
    peers = sorted({(one.target, one.source)[kind.end] for one in counts})
    device = segment.device(host)
    verb = {
        catalogue.HOST_CANNOT_SEND.code: "does not let packets out",
        catalogue.HOST_FILTERED.code: "drops packets that reach it",
        catalogue.HOST_PARTIAL_LOSS.code: (
            f"itself loses {100 * total.lost / total.entered:.1f} % "
            f"of the packets"
        ),
    }[kind.entry.code]
    full = " of full size" if size is plan.Size.FULL else ""
    others = len(segment.members) - 1
    whom = "" if len(peers) == others else f" of {cause.listed(peers)}"
    return cause.Cause(
        entry=kind.entry,
        summary=f"{host} {verb}{full} on network {segment.name}{whom}",
        host=host,
        device=device,
        networks=(segment.name,),
        covers=cause.both_ways(counts),
        full_size_only=size is plan.Size.FULL,
        evidence=(
            finding.Evidence(
                host=host,
                source=_COUNTED,
                expected=kind.expected.format(
                    peers=cause.listed(peers), device=device
                ),
                observed=kind.observed.format(
                    entered=total.entered, passed=total.passed, device=device
                ),
            ),
        ),
    )


def _total(counts: Mapping[cause.Pair, passage.Count]) -> passage.Count:
    total = passage.Count(0, 0)
    for count in counts.values():
        total = total.plus(count)
    return total
