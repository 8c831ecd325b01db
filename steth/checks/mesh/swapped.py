# SPDX-License-Identifier: Apache-2.0
"""Networks that arrive at another interface of a host than they should.

Cables, the VLANs of switch ports, or addresses are mixed up, or a bridge has
the address and lacks the NIC. A host with Linux answers for each of its
addresses on every interface, so that all goes well as long as nobody filters
by the reverse path: over the wrong links.
"""

import collections
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import claims
from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model
from steth.model import neighbours


class _Arrival(NamedTuple):
    """A network that arrives at another device than the one it should."""

    question: claims.Question
    mac: str
    device: str


class _Answer(NamedTuple):
    """Who asked and who was asked for, and what is wrong with the answer."""

    hosts: tuple[str, str]
    arrival: _Arrival | None


def causes(
    planned: claims.Plan,
    reports: Mapping[str, neighbours.NeighbourReport],
    snapshots: segments.Snapshots,
) -> Iterator[cause.Cause]:
    """Return the hosts that answer on an interface that is not the right one.

    Two interfaces on one link both answer; where the right one does, all is
    well.

    :param reports: by host that asked
    """
    answered: list[_Answer] = []
    for asker, report in reports.items():
        for question, result in zip(
            planned.questions[asker], report.results, strict=True
        ):
            snapshot = snapshots.get(question.target.host)
            if snapshot is not None and result.macs:
                arrival = _arrival(
                    question, frozenset(result.macs), snapshot.root
                )
                answered.append(
                    _Answer((asker, question.target.host), arrival)
                )
    while any(one.arrival for one in answered):
        host, sure = _odd(answered)
        arrivals = [
            one.arrival
            for one in answered
            if one.arrival and one.hosts[1] == host
        ]
        if arrivals:
            yield _cause(host, arrivals, sure)
        answered = [one for one in answered if host not in one.hosts]


def _odd(answered: Sequence[_Answer]) -> tuple[str, bool]:
    """Return the host that has a part in most of what is wrong.

    Who asks from a wrong place is answered from wrong interfaces by all.

    :returns: also whether it is not the other of the two just as well
    """
    every = collections.Counter(h for one in answered for h in one.hosts)
    wrong = collections.Counter(
        host for one in answered if one.arrival for host in one.hosts
    )
    score = {host: (wrong[host] / every[host], wrong[host]) for host in wrong}
    odd = max(sorted(score), key=lambda host: score[host])
    return odd, not any(
        score[host] == score[odd]
        for one in answered
        if one.arrival and odd in one.hosts
        for host in one.hosts
        if host != odd
    )


def _arrival(
    question: claims.Question,
    macs: frozenset[str],
    root: host_model.Namespace,
) -> _Arrival | None:
    right = question.target.link
    if right is None or right.mac in macs or len(macs) != 1:
        return None
    if not right.admin_up or right.carrier is False:
        # Its own trouble is told of; another one on the link stands in.
        return None
    (mac,) = macs
    holders = [one for one in root.links if one.mac == mac]
    # What is a port of another device, of a bond say, answers for that.
    if not holders or any(one.master for one in holders):
        return None
    if any(
        one.device in {holder.name for holder in holders}
        and one.family == question.segment.family
        and question.segment.subnet(one.address) is not None
        for one in root.addresses
    ):
        # It is on the network too: arp_filter has one answer for both.
        return None
    stack = {one.name for one in _stack(right, root)}
    for one in holders:
        if one.name in stack or right in _stack(one, root):
            return None
    return _Arrival(question, mac, holders[0].name)


def _stack(
    link: host_model.Link, root: host_model.Namespace
) -> list[host_model.Link]:
    """Return a device and all that it stands on."""
    found = [link]
    for one in found:
        found += [x for x in lower.directly(one, root) if x not in found]
    return found


def _cause(host: str, arrivals: list[_Arrival], sure: bool) -> cause.Cause:
    told = [
        f"{one.question.segment.name} arrives at {one.device}, not at "
        f"{one.question.segment.device(host)} with its address"
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
        confidence=finding.Confidence.CERTAIN
        if sure
        else finding.Confidence.POSSIBLE,
    )


def _at(target: segments.Member) -> str:
    link = target.link
    if link is None:
        return target.host
    return f"{link.mac}, of {link.name} of {target.host}"
