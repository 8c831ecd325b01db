# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import secrets
import time
from typing import Any
from typing import ClassVar

from steth.checks import base
from steth.checks import presence as presence_module
from steth.checks.mesh import attribution
from steth.checks.mesh import cause
from steth.checks.mesh import plan
from steth.checks.mesh import segments as segments_module
from steth.checks.multicast import analysis
from steth.checks.multicast import hearing as hearing_module
from steth.model import finding
from steth.model import multicast
from steth.model import probe
from steth.model import report
from steth.rpc import contract
from steth.rpc import requests

#: How long the group is joined before and after the messages, in seconds:
#: the agents do not begin at the same time. It is longer in the second pass,
#: which is made where messages are missing.
_AROUND = 1.0
_AROUND_AGAIN = 2.5
_COUNT = 5
_INTERVAL = 0.1
#: Echo requests that tell what multicast alone does not pass.
_PINGS = 2


class MulticastCheck(base.Check):
    """Every host joins a group and sends to it, on all networks at once."""

    name: ClassVar[str] = analysis.CHECK
    summary: ClassVar[str] = (
        "Does multicast pass between all hosts, on every network?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
        contract.PROBE_MULTICAST,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' state, then let all join and send."""
        started = time.monotonic()
        presence = presence_module.Presence(context, self.name)
        found = self._heard(context, presence)
        doubts: list[str] = []
        findings: list[finding.Finding] = []
        rows = []
        pinged = _cut(presence, found)
        for heard in found:
            cut = pinged[heard.segment.name]
            mine = analysis.findings(heard, cut, _explained(context, heard))
            doubts += _doubts(heard, cut)
            findings += mine
            rows.append(row(heard, cut, mine))
        if not found:
            doubts.append("no network has two hosts in one subnet")
        findings += presence.findings(presence.segments)
        status, reason = presence.status(findings, doubts)
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={"networks": rows},
            ),
            findings=tuple(findings),
        )

    def _heard(
        self, context: base.Context, presence: presence_module.Presence
    ) -> list[hearing_module.Hearing]:
        """Let all send, and once more on networks where some is missing."""
        context.progress(
            f"multicast on {len(presence.segments)} networks between "
            f"{len(presence.snapshots)} hosts"
        )
        found = _pass(presence, presence.segments, _AROUND)
        again = [one for one in found if one.lost or one.filtered]
        if not again:
            return found
        context.progress("once more where messages are missing")
        second = {
            one.segment.name: one
            for part in _apart([one.segment for one in again])
            for one in _pass(presence, part, _AROUND_AGAIN)
        }
        return [
            hearing_module.joined(one, second[one.segment.name])
            if one.segment.name in second
            else one
            for one in found
        ]


def _explained(
    context: base.Context, heard: hearing_module.Hearing
) -> frozenset[attribution.Way]:
    """Return the ways on which an earlier check of the run found a cause.

    A host that has the sender's address as well, say, drops what it sends.
    """
    name = heard.segment.name
    return frozenset(
        way
        for way in heard.filtered
        if (name, way.source, way.target) in context.explained
        or (name, way.target, way.source) in context.explained
    )


def _apart(
    checked: Iterable[segments_module.Segment],
) -> list[list[segments_module.Segment]]:
    """Divide networks so that no two of a part share an interface.

    There hosts send from the address of one of them. A host that is only on
    the other may drop that (RFC 3704, 2.2), which says nothing of multicast.
    """
    parts: list[list[segments_module.Segment]] = []
    taken: list[set[tuple[str, str, int]]] = []
    for one in checked:
        used = {
            (member.host, member.link.name, one.family)
            for member in one.members
            if member.link
        }
        for part, of_part in zip(parts, taken, strict=True):
            if not used & of_part:
                part.append(one)
                of_part.update(used)
                break
        else:
            parts.append([one])
            taken.append(used)
    return parts


def _pass(
    presence: presence_module.Presence,
    checked: Iterable[segments_module.Segment],
    around: float,
) -> list[hearing_module.Hearing]:
    """Let the hosts send once; return what they heard.

    Of networks on one interface the first one's address is sent from.
    Hosts that are alone in their subnet are left out.
    """
    members = {one.name: _in_company(presence, one) for one in checked}
    tried = [one for one in checked if members[one.name]]
    places: dict[str, dict[tuple[str, int], requests.MulticastPlace]] = {}
    for segment in tried:
        for member in members[segment.name]:
            if member.link:
                places.setdefault(member.host, {}).setdefault(
                    (member.link.name, segment.family),
                    requests.MulticastPlace(
                        interface=member.link.name, address=member.address
                    ),
                )
    hosts = sorted(places)
    run = secrets.randbits(32) or 1
    reports: dict[str, multicast.MulticastReport] = presence.ask(
        contract.PROBE_MULTICAST,
        {
            host: requests.ProbeMulticast(
                places=tuple(places[host].values()),
                run=run,
                index=index,
                hosts=len(hosts),
                count=_COUNT,
                interval=_INTERVAL,
                delay=around,
                linger=around,
            )
            for index, host in enumerate(hosts)
        },
        2 * around + _COUNT * _INTERVAL,
    )
    return hearing_module.build(tried, hosts, reports)


def _in_company(
    presence: presence_module.Presence, segment: segments_module.Segment
) -> list[segments_module.Member]:
    """Return those that can take part and have others in their subnet."""
    members = [
        one
        for one in presence.able(segment)
        if not one.routed and one.host not in presence.failures
    ]
    subnets = hearing_module.subnets_of(members, segment)
    counted = collections.Counter(subnets.values())
    return [one for one in members if counted[subnets[one.host]] > 1]


def _cut(
    presence: presence_module.Presence,
    found: Sequence[hearing_module.Hearing],
) -> dict[str, frozenset[attribution.Way]]:
    """Return, by network, the lost ways that ping does not pass either."""
    targets: dict[str, list[requests.IcmpTarget]] = {}
    ways: dict[str, list[tuple[str, attribution.Way]]] = {}
    for heard in found:
        for way in sorted(heard.lost):
            source = heard.segment.member(way.source)
            target = heard.segment.member(way.target)
            if source and target:
                targets.setdefault(way.source, []).append(
                    requests.IcmpTarget(
                        address=target.address, source=source.address
                    )
                )
                ways.setdefault(way.source, []).append(
                    (heard.segment.name, way)
                )
    asked = {
        host: requests.ProbeIcmp(
            targets=tuple(of_host),
            count=_PINGS,
            run=secrets.randbits(32) or 1,
        )
        for host, of_host in targets.items()
    }
    reports: dict[str, probe.IcmpReport] = presence.ask(
        contract.PROBE_ICMP, asked, plan.seconds(asked.values())
    )
    passed = {
        one
        for host, answer in reports.items()
        for one, result in zip(ways[host], answer.results, strict=True)
        if result.received
    }
    return {
        heard.segment.name: frozenset(
            way
            for way in heard.lost
            if (heard.segment.name, way) not in passed
        )
        for heard in found
    }


def _doubts(
    heard: hearing_module.Hearing, cut: Collection[attribution.Way]
) -> list[str]:
    """Return what is not known of a network."""
    name = heard.segment.name
    doubts = []
    if not heard.ways:
        doubts.append(f"fewer than two hosts could try it on {name}")
    if cut:
        alone = sorted(
            {host for way in cut for host in way}
            - {host for way in heard.ways - set(cut) for host in way}
        )
        who = cause.listed(alone) or f"{len(cut)} pairs of hosts"
        doubts.append(
            f"ping does not pass for {who} on {name} either: see "
            f"check connectivity"
        )
    deaf = sorted(heard.senders - heard.receivers)
    if deaf:
        doubts.append(f"{cause.listed(deaf)} lost messages that arrived")
    return doubts


def row(
    heard: hearing_module.Hearing,
    cut: Collection[attribution.Way],
    found: Sequence[finding.Finding],
) -> dict[str, Any]:
    """Return one network's row of ``measurements["networks"]``.

    :param cut: the ways that ping does not pass either
    :param found: what was found there
    """
    severities = {one.severity for one in found}
    if finding.Severity.CRITICAL in severities:
        status = report.CheckStatus.FAILED
    elif cut or not heard.ways:
        status = report.CheckStatus.INCONCLUSIVE
    elif severities:
        status = report.CheckStatus.WARNING
    else:
        status = report.CheckStatus.PASSED
    silent: Mapping[str, list[str]] = {
        "hears_nobody": sorted(
            {way.target for way in heard.ways}
            - {way.target for way in heard.ways & heard.arrived}
        ),
        "nobody_hears": sorted(
            {way.source for way in heard.ways}
            - {way.source for way in heard.ways & heard.arrived}
        ),
    }
    return {
        "network": heard.segment.name,
        "family": heard.segment.family,
        "hosts": len(heard.hosts),
        "pairs": len(heard.ways),
        "pairs_ok": len(heard.ways & heard.heard),
        **silent,
        "status": str(status),
    }
