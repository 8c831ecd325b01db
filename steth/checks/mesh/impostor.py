# SPDX-License-Identifier: Apache-2.0
"""Answers that did not come from the host they should have come from.

Where echo requests to a host's address are answered, although they never
reached that host and it sent no reply, another machine has its address.
Ping alone takes that for health.
"""

from collections.abc import Iterator

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import passage
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.checks.mesh import static
from steth.model import finding
from steth.model import probe

#: So many answers are no stray packets.
_ANSWERS = 3


def causes(
    segment: segments.Segment, second: matrix.Matrix, small: int
) -> Iterator[cause.Cause]:
    """Return the hosts of a segment for which somebody else answers.

    :param second: the watched round
    :param small: length of the small packets in bytes, as they were asked
    """
    seen = passage.watchers(second)
    deceived: dict[str, list[tuple[str, int]]] = {}
    for pair, size, result in second.of_segment(segment.name):
        if size is not plan.Size.SMALL or result.received < _ANSWERS:
            continue
        if pair.source in seen and pair.target in seen:
            length = plan.packet_size(segment, size, small)
            if _is_foreign(segment, pair, length, seen):
                deceived.setdefault(pair.target, []).append(
                    (pair.source, result.received)
                )
    for host, by in sorted(deceived.items()):
        member = segment.member(host)
        address = member.address if member else host
        yield cause.Cause(
            entry=catalogue.UNDERLAY_ADDRESS_DUPLICATE,
            summary=(
                f"another machine answers for {address}, the address of "
                f"{host} on {segment.name}"
            ),
            host=host,
            device=segment.device(host),
            networks=(segment.name,),
            covers=static.pairs_of(segment, host),
            evidence=tuple(
                finding.Evidence(
                    host=source,
                    source=f"echo requests to {address}",
                    expected=f"answers sent by {host}",
                    observed=(
                        f"{answers} answers; no request reached {host}, and "
                        f"it sent no answer"
                    ),
                )
                for source, answers in by[:3]
            ),
        )


def _is_foreign(
    segment: segments.Segment,
    pair: cause.Pair,
    length: int,
    seen: dict[str, passage.Seen],
) -> bool:
    source, target = segment.member(pair.source), segment.member(pair.target)
    if source is None or target is None:
        return False
    there = (source.address, target.address)
    back = (target.address, source.address)
    here, far = seen[pair.source], seen[pair.target]
    request, reply = probe.PacketKind.REQUEST, probe.PacketKind.REPLY
    # That the target's own requests were seen meanwhile proves that both
    # were watching at the same time.
    return (
        far.came(request, there, length) == 0
        and far.out(reply, back, length) == 0
        and far.out(request, back, length) > 0
        and here.came(request, back, length) > 0
    )
