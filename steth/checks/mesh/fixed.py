# SPDX-License-Identifier: Apache-2.0
"""Hardware addresses that somebody wrote into a neighbour table, and wrongly.

The kernel does not ask again for what an entry by hand says. Where it names
a machine that is no more, switches flood what is sent there: it arrives at
the right host too, whose device does not take it. To whom only counts
packets, that host, or the way to it, loses them.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.model import finding

_PERMANENT = "permanent"


def causes(
    segment: segments.Segment,
    snapshots: segments.Snapshots,
    macs: Mapping[str, frozenset[str]],
    troubled: Collection[cause.Pair],
) -> Iterator[cause.Cause]:
    """Return the hosts that send to a hardware address which is not right.

    :param macs: the hardware addresses of each host's own devices
    :param troubled: pairs of hosts that do not reach each other; where they
        do, somebody takes such frames on purpose
    """
    for member in segment.sources:
        snapshot = snapshots.get(member.host)
        if snapshot is None or member.link is None:
            continue
        written = {
            one.address: one.mac
            for one in snapshot.root.neighbours
            if one.state == _PERMANENT and one.device == member.link.name
        }
        wrong = [
            (target, mac)
            for target in segment.members
            if (mac := written.get(target.address)) is not None
            and macs.get(target.host)
            and mac not in macs[target.host]
            and cause.Pair(segment.name, member.host, target.host) in troubled
        ]
        if wrong:
            yield _cause(segment, member, wrong, macs)


def _cause(
    segment: segments.Segment,
    member: segments.Member,
    wrong: list[tuple[segments.Member, str]],
    macs: Mapping[str, frozenset[str]],
) -> cause.Cause:
    device = segment.device(member.host)
    peers = cause.listed([target.host for target, _ in wrong])
    return cause.Cause(
        entry=catalogue.HOST_WRONG_NEIGHBOUR,
        summary=(
            f"{member.host} sends what is for {peers} on network "
            f"{segment.name} to a hardware address that is not {peers}'s"
            if len(wrong) == 1
            else f"{member.host} sends what is for {peers} on network "
            f"{segment.name} to hardware addresses that are not theirs"
        ),
        host=member.host,
        device=device,
        networks=(segment.name,),
        covers=cause.both_ways(
            cause.Pair(segment.name, member.host, target.host)
            for target, _ in wrong
        ),
        evidence=tuple(
            finding.Evidence(
                host=member.host,
                source="neighbour table (netlink)",
                expected=f"{target.address} at {_own(target, macs)}, of "
                f"{target.host}",
                observed=f"{target.address} at {mac} on {device}, permanent: "
                f"set by hand",
            )
            for target, mac in wrong[:3]
        ),
    )


def _own(target: segments.Member, macs: Mapping[str, frozenset[str]]) -> str:
    """Return the hardware address that a host should be sent to at."""
    if target.link is not None and target.link.mac:
        return target.link.mac
    return " or ".join(sorted(macs[target.host]))
