# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
import time
from typing import Any
from typing import ClassVar

import msgspec

from steth.checks import base
from steth.checks import catalogue
from steth.checks import domains
from steth.checks import presence as presence_module
from steth.checks.gateway import analysis
from steth.checks.gateway import gateways as gateways_module
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import neighbours
from steth.model import report
from steth.rpc import contract
from steth.rpc import requests

#: How often each gateway is asked, and seconds between and after it; once
#: more for those that got no answer.
_ATTEMPTS = 3
_INTERVAL = 0.3
_TIMEOUT = 1.0
#: Questions per second that an agent asks at least.
_RATE = 100
_UNKNOWN = (
    "no gateway is known: [network:<name>] gateway is not configured, and no "
    "host has a default route there"
)


class GatewayCheck(base.Check):
    """Every host asks for the hardware addresses of its gateways."""

    name: ClassVar[str] = analysis.CHECK
    summary: ClassVar[str] = (
        "Does the gateway of each network answer all hosts, and only one "
        "machine for it?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
        contract.PROBE_NEIGHBOURS,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' state, then let all ask for their gateways."""
        started = time.monotonic()
        presence = presence_module.Presence(context, self.name)
        external = gateways_module.of_cloud(context, presence, self.name)
        known = [
            *gateways_module.of_networks(context, presence),
            *external.gateways,
        ]
        context.progress(f"asking for {len(known)} gateways")
        asked, elsewhere = _on_their_networks(
            context, self._asked(presence, known)
        )
        owners = domains.owners(
            presence,
            {
                mac
                for one in asked
                if len(one.every_mac) > 1
                for mac in one.every_mac
            },
        )
        doubts = [*external.doubts, *elsewhere]
        findings = list(external.findings)
        cut_off = [
            domains.cut_off(presence, one.gateway.domain, one.silent)
            for one in asked
        ]
        faults = analysis.faults(asked, cut_off, owners)
        findings += [fault.finding for fault in faults]
        rows = []
        for index, one in enumerate(asked):
            domain = one.gateway.domain
            if cut_off[index]:
                doubts.append(domains.doubt(domain, cut_off[index]))
            if not one.macs:
                doubts.append(f"no host could ask for {one.gateway.address}")
            found = [
                fault.finding for fault in faults if index in fault.gateways
            ]
            rows.append(row(one, cut_off[index], found))
        with_gateway = {
            one.gateway.domain.segment.name
            for one in asked
            if one.gateway.domain.segment
        }
        findings += presence.findings(
            one for one in presence.segments if one.name in with_gateway
        )
        status, reason = presence.status(findings, doubts)
        if not known and status is report.CheckStatus.PASSED:
            status, reason = report.CheckStatus.SKIPPED, _UNKNOWN
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=status,
                reason=reason,
                applicable=status is not report.CheckStatus.SKIPPED,
                duration=round(time.monotonic() - started, 3),
                measurements={"gateways": rows},
            ),
            findings=tuple(findings),
        )

    def _asked(
        self,
        presence: presence_module.Presence,
        known: Sequence[gateways_module.Gateway],
    ) -> list[analysis.Asked]:
        """Ask for all gateways, and once more where none answered."""
        holders = domains.holders(presence.snapshots)
        every = {
            index: {
                host
                for host in one.domain.interfaces
                if host not in holders.get(one.address, ())
            }
            for index, one in enumerate(known)
        }
        macs = self._round(presence, known, every)
        again = {
            index: {host for host in macs[index] if not macs[index][host]}
            for index in every
        }
        for index, more in self._round(presence, known, again).items():
            macs[index] |= more
        return [
            analysis.Asked(
                gateway=one,
                # Who failed the second time has not been looked at.
                macs={
                    host: found
                    for host, found in macs[index].items()
                    if found or host not in presence.failures
                },
            )
            for index, one in enumerate(known)
        ]

    def _round(
        self,
        presence: presence_module.Presence,
        known: Sequence[gateways_module.Gateway],
        who: Mapping[int, Collection[str]],
    ) -> dict[int, dict[str, frozenset[str]]]:
        """Return what hosts were given, by the index of the gateway.

        :param who: the hosts that ask, by the index of the gateway
        """
        questions: dict[str, list[int]] = {}
        for index in sorted(who):
            for host in sorted(who[index]):
                if host not in presence.failures:
                    questions.setdefault(host, []).append(index)
        most = max(map(len, questions.values()), default=0)
        reports: dict[str, neighbours.NeighbourReport] = presence.ask(
            contract.PROBE_NEIGHBOURS,
            {
                host: requests.ProbeNeighbours(
                    neighbours=tuple(
                        known[index].question(host) for index in indexes
                    ),
                    attempts=_ATTEMPTS,
                    interval=_INTERVAL,
                    timeout=_TIMEOUT,
                )
                for host, indexes in questions.items()
            },
            _ATTEMPTS * (_INTERVAL + most / _RATE) + _TIMEOUT,
        )
        found: dict[int, dict[str, frozenset[str]]] = {
            index: {} for index in who
        }
        for host, one in reports.items():
            for index, result in zip(
                questions[host], one.results, strict=True
            ):
                if result.interface not in one.refused:
                    found[index][host] = frozenset(result.macs)
        return found


def _on_their_networks(
    context: base.Context, asked: Sequence[analysis.Asked]
) -> tuple[list[analysis.Asked], list[str]]:
    """Leave out what hosts say of a network that they are not on.

    An earlier check found that it arrives at another interface of theirs.

    :returns: also what cannot be told without them
    """
    misplaced: dict[str, set[str]] = {}
    for (name, _, _), told in context.explained.items():
        if (
            told.code == catalogue.UNDERLAY_WRONG_INTERFACE.code
            and told.location.host
        ):
            misplaced.setdefault(name, set()).add(told.location.host)
    kept, doubts = [], []
    for one in asked:
        segment = one.gateway.domain.segment
        away = misplaced.get(segment.name, set()) if segment else set()
        lacking = sorted(away & set(one.macs))
        if lacking:
            doubts.append(
                f"{cause.listed(lacking)} cannot tell of the gateway of "
                f"{one.gateway.domain}, which arrives at another interface: "
                f"see check connectivity"
            )
        kept.append(
            msgspec.structs.replace(
                one,
                macs={
                    host: macs
                    for host, macs in one.macs.items()
                    if host not in away
                },
            )
        )
    return kept, doubts


def row(
    asked: analysis.Asked,
    cut_off: Collection[str],
    found: Sequence[finding.Finding],
) -> dict[str, Any]:
    """Return one gateway's row of ``measurements["gateways"]``.

    :param cut_off: hosts that reach no other there
    :param found: what was found of it
    """
    severities = {one.severity for one in found}
    if finding.Severity.CRITICAL in severities:
        status = report.CheckStatus.FAILED
    elif cut_off or not asked.macs:
        status = report.CheckStatus.INCONCLUSIVE
    elif severities:
        status = report.CheckStatus.WARNING
    else:
        status = report.CheckStatus.PASSED
    gateway = asked.gateway
    return {
        "network": gateway.domain.name,
        "vlan": gateway.domain.vlan or None,
        "gateway": gateway.address,
        "known_from": gateway.known_from,
        "hosts": len(asked.macs),
        "answered": len(asked.macs) - len(asked.silent),
        "silent_for": sorted(asked.silent),
        "macs": sorted(asked.every_mac),
        "status": str(status),
    }
