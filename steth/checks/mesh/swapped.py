# SPDX-License-Identifier: Apache-2.0
"""Networks that arrive at another interface of a host than they should.

Cables, the VLANs of switch ports, or addresses are mixed up. A host with
Linux answers for each of its addresses on every interface, so that all goes
well as long as nobody filters by the reverse path: over the wrong links.
"""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import claims
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import neighbours


class _Arrival(NamedTuple):
    """A network that arrives at the device of another one's."""

    question: claims.Question
    mac: str
    device: str
    #: The network that has its address on the device.
    other: str


def causes(
    planned: claims.Plan,
    reports: Mapping[str, neighbours.NeighbourReport],
    checked: Collection[segments.Segment],
) -> Iterator[cause.Cause]:
    """Return the hosts that answer on the interface of another network.

    Two interfaces on one link both answer; where the right one does, all is
    well.

    :param reports: by host that asked
    """
    found: dict[str, list[_Arrival]] = {}
    for asker, report in reports.items():
        for question, result in zip(
            planned.questions[asker], report.results, strict=True
        ):
            arrival = _arrival(question, frozenset(result.macs), checked)
            if arrival is not None:
                found.setdefault(question.target.host, []).append(arrival)
    for host, arrivals in sorted(found.items()):
        yield _cause(host, arrivals)


def _arrival(
    question: claims.Question,
    macs: frozenset[str],
    checked: Collection[segments.Segment],
) -> _Arrival | None:
    target = question.target
    if target.link is None or target.link.mac in macs or len(macs) != 1:
        return None
    (mac,) = macs
    for segment in checked:
        member = segment.member(target.host)
        if (
            segment.network != question.segment.network
            and member is not None
            and member.link is not None
            and member.link.mac == mac
        ):
            return _Arrival(question, mac, member.link.name, segment.network)
    return None


def _cause(host: str, arrivals: list[_Arrival]) -> cause.Cause:
    told = [
        f"{one.question.segment.name} arrives at {one.device}, where its "
        f"address of {one.other} is"
        for one in arrivals
    ]
    wrong = arrivals[0].question
    return cause.Cause(
        entry=catalogue.UNDERLAY_WRONG_INTERFACE,
        summary=f"on {host} network {'; network '.join(told)}",
        host=host,
        device=wrong.segment.device(host),
        networks=tuple(
            dict.fromkeys(one.question.segment.name for one in arrivals)
        ),
        covers=frozenset(
            pair
            for one in arrivals
            for pair in cause.pairs_of(one.question.segment, host)
        ),
        evidence=tuple(
            finding.Evidence(
                host=one.question.asker.host,
                source=f"address resolution of {one.question.target.address}",
                expected=_at(one.question.target),
                observed=f"{one.mac}, of {one.device} of {host}",
            )
            for one in arrivals
        ),
    )


def _at(target: segments.Member) -> str:
    link = target.link
    if link is None:
        return target.host
    return f"{link.mac}, of {link.name} of {target.host}"
