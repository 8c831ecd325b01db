# SPDX-License-Identifier: Apache-2.0
"""Answers that did not come from the host they should have come from.

Another machine has a host's address where echo requests to it are answered,
although they never reached the host and it sent no reply; or where two
hardware addresses are claimed for it, the host's own and a stranger's. Ping
alone takes that for health.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import passage
from steth.checks.mesh import plan
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import probe

#: So many answers are no stray packets.
_ANSWERS = 3


def causes(
    segment: segments.Segment,
    second: matrix.Matrix,
    small: int,
    macs: Mapping[str, frozenset[str]],
) -> Iterator[cause.Cause]:
    """Return the hosts of a segment for which somebody else answers.

    :param second: the watched round
    :param small: length of the small packets in bytes, as they were asked
    :param macs: the hardware addresses of each host's own devices
    """
    seen = passage.watchers(second)
    deceived: dict[str, list[finding.Evidence]] = {}
    for pair, size, result in second.of_segment(segment.name):
        member = segment.member(pair.target)
        if size is not plan.Size.SMALL or member is None:
            continue
        said = None
        if pair.source in seen:
            said = claimed(
                pair.source,
                member,
                seen[pair.source].claims.get(member.address, frozenset()),
                macs.get(pair.target, frozenset()),
            )
        if said is None and result.received >= _ANSWERS:
            length = plan.packet_size(segment, size, small)
            if _is_foreign(segment, pair, length, seen):
                said = finding.Evidence(
                    host=pair.source,
                    source=f"echo requests to {member.address}",
                    expected=f"answers sent by {pair.target}",
                    observed=(
                        f"{result.received} answers; no request reached "
                        f"{pair.target}, and it sent no answer"
                    ),
                )
        if said is not None:
            deceived.setdefault(pair.target, []).append(said)
    for host, evidence in sorted(deceived.items()):
        member = segment.member(host)
        if member is not None:
            yield cause_of(segment, member, tuple(evidence[:3]))


def cause_of(
    segment: segments.Segment,
    member: segments.Member,
    evidence: tuple[finding.Evidence, ...],
) -> cause.Cause:
    """Return the cause that somebody else answers for a host."""
    return cause.Cause(
        entry=catalogue.UNDERLAY_ADDRESS_DUPLICATE,
        summary=(
            f"another machine answers for {member.address}, the address of "
            f"{member.host} on {segment.name}"
        ),
        host=member.host,
        device=segment.device(member.host),
        networks=(segment.name,),
        covers=cause.pairs_of(segment, member.host),
        evidence=evidence,
    )


def claimed(
    asker: str,
    member: segments.Member,
    claims: Set[str],
    macs: Set[str],
) -> finding.Evidence | None:
    """Tell of a stranger's hardware address beside the host's own.

    The stranger's alone may be a router's that answers for what is behind
    it (proxy ARP, RFC 1027).

    :param asker: the host that got the answers
    :param claims: the hardware addresses in them
    :param macs: those of the host's own devices
    """
    own, strange = claims & macs, claims - macs
    if not own or not strange:
        return None
    return finding.Evidence(
        host=asker,
        source=f"address resolution of {member.address}",
        expected=f"{' or '.join(sorted(own))}, of {member.host}",
        observed=f"{', '.join(sorted(strange))} as well",
    )


def _is_foreign(
    segment: segments.Segment,
    pair: cause.Pair,
    length: int,
    seen: Mapping[str, passage.Seen],
) -> bool:
    watched = passage.ends(segment, pair, seen)
    if watched is None:
        return False
    source, target = watched
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
