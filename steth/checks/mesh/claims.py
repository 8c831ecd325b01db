# SPDX-License-Identifier: Apache-2.0
"""Who says to have the hosts' addresses, asked before anything is sent.

Where another machine has a host's address, whose answer the others go by is
a matter of chance, and where it is the host's own, all works: until an entry
of a neighbour table ends. So each address is asked for once, by one host of
its subnet: what is asked there, all machines of it hear.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from steth.checks import catalogue
from steth.checks import domains
from steth.checks.mesh import cause
from steth.checks.mesh import impostor
from steth.checks.mesh import segments
from steth.model import finding
from steth.model import host as host_model
from steth.model import neighbours
from steth.rpc import requests

#: Answers of a busy host come late, and one may get lost.
_ATTEMPTS = 2
_INTERVAL = 0.15
_TIMEOUT = 0.4
#: In seconds, without the questions of which each takes a little.
SECONDS = _ATTEMPTS * _INTERVAL + _TIMEOUT
_RATE = 1000

_PROXY_REMEDY = (
    "See why the host answers: 'sysctl net.ipv4.conf.<device>.proxy_arp' and "
    "'ip neigh show proxy', or one of its containers that has the address."
)


class Question(NamedTuple):
    """An address that one host asks another's for."""

    segment: segments.Segment
    asker: segments.Member
    target: segments.Member


class Plan(NamedTuple):
    """What is asked, and the questions of each host in the same order."""

    requests: dict[str, requests.ProbeNeighbours]
    questions: dict[str, list[Question]]

    @property
    def seconds(self) -> float:
        """How long it takes."""
        most = max(map(len, self.questions.values()), default=0)
        return SECONDS + _ATTEMPTS * most / _RATE


def plan(checked: Sequence[segments.Segment]) -> Plan:
    """Return who asks for which addresses.

    The first host of each subnet asks for all others', and the second for
    the first's; further ones where these are more than one request holds.
    """
    questions: dict[str, list[Question]] = {}
    for segment in checked:
        for members in _subnets(segment):
            askers = [one for one in members if _can_ask(one)]
            for target in members:
                asker = next(
                    (
                        one
                        for one in askers
                        if one.host != target.host
                        and len(questions.get(one.host, ()))
                        < requests.MAX_NEIGHBOURS
                    ),
                    None,
                )
                if asker is not None:
                    questions.setdefault(asker.host, []).append(
                        Question(segment, asker, target)
                    )
    return Plan(
        requests={
            host: requests.ProbeNeighbours(
                neighbours=tuple(map(_asked, of_host)),
                attempts=_ATTEMPTS,
                interval=_INTERVAL,
                timeout=_TIMEOUT,
            )
            for host, of_host in questions.items()
        },
        questions=questions,
    )


def _subnets(
    segment: segments.Segment,
) -> Iterable[list[segments.Member]]:
    """Return the members that share a link, those that routes lead to not."""
    found: dict[str | None, list[segments.Member]] = {}
    for one in segment.members:
        if not one.routed:
            found.setdefault(segment.subnet(one.address), []).append(one)
    return found.values()


def _can_ask(member: segments.Member) -> bool:
    link = member.link
    return (
        domains.is_on_ethernet(member)
        and link is not None
        and link.admin_up
        and link.carrier is not False
    )


def _asked(question: Question) -> requests.Neighbour:
    link = question.asker.link
    return requests.Neighbour(
        interface=link.name if link else "",
        address=question.target.address,
        source=question.asker.address,
    )


def causes(
    planned: Plan,
    reports: Mapping[str, neighbours.NeighbourReport],
    snapshots: Mapping[str, host_model.HostSnapshot],
    macs: Mapping[str, frozenset[str]],
) -> Iterator[cause.Cause]:
    """Return the hosts whose address another machine claims, too.

    An address that several of the known hosts have is told of by what is in
    their snapshots. Where the other machine is a known host, it is that host
    which is told of.

    :param reports: by host that asked
    :param macs: the hardware addresses of each host's own devices
    """
    holders = domains.holders(snapshots)
    proxies: dict[
        tuple[str, domains.Owner], list[tuple[Question, finding.Evidence]]
    ] = {}
    for asker, report in reports.items():
        for question, result in zip(
            planned.questions[asker], report.results, strict=True
        ):
            target = question.target
            if len(holders.get(target.address, ())) > 1:
                continue
            own = macs.get(target.host, frozenset())
            evidence = impostor.claimed(
                asker, target, frozenset(result.macs), own
            )
            if evidence is None:
                continue
            strange = frozenset(result.macs) - own
            owners = domains.owned(snapshots, strange)
            if len(owners) == len(strange) == 1:
                (owner,) = owners.values()
                proxies.setdefault((question.segment.name, owner), []).append(
                    (question, evidence)
                )
            else:
                yield impostor.cause_of(question.segment, target, (evidence,))
    for (_, owner), found in proxies.items():
        yield _for_others(owner, found)


def _for_others(
    owner: domains.Owner, found: Sequence[tuple[Question, finding.Evidence]]
) -> cause.Cause:
    """Return the cause that a host answers for what it does not have.

    It is one setting of the host, for whomever it answers.
    """
    segment = found[0][0].segment
    targets = [question.target for question, _ in found]
    of_whom = [f"{one.address} of {one.host}" for one in targets]
    entry = catalogue.UNDERLAY_ADDRESS_DUPLICATE
    return cause.Cause(
        entry=msgspec.structs.replace(entry, remedy=_PROXY_REMEDY),
        summary=(
            f"{owner.host} answers for addresses of other hosts on "
            f"{segment.name}: {cause.listed(of_whom, 3)}"
        ),
        host=owner.host,
        device=owner.device,
        networks=(segment.name,),
        covers=cause.pairs_of(segment, *(one.host for one in targets)),
        evidence=tuple(evidence for _, evidence in found[:3]),
    )
