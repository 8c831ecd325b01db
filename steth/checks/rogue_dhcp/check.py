# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

from collections.abc import Collection
import secrets
import time
from typing import Any
from typing import ClassVar

from steth.checks import base
from steth.checks import domains
from steth.checks import presence as presence_module
from steth.checks.rogue_dhcp import analysis
from steth.checks.rogue_dhcp import places as places_module
from steth.model import dhcp
from steth.model import finding
from steth.model import report
from steth.rpc import contract
from steth.rpc import requests

#: Seconds between the two messages, and of listening after the second. A
#: server may first ping the address for three seconds that it will offer, and
#: answer one client after the other: there is time for another one's turn.
_INTERVAL = 3.0
_TIMEOUT = 4.0
#: Messages per second that an agent sends on many VLANs.
_RATE = 100


class RogueDhcpCheck(base.Check):
    """Every host asks for servers, on all networks at once."""

    name: ClassVar[str] = analysis.CHECK
    summary: ClassVar[str] = (
        "Do the expected DHCP servers answer on each network, and no others?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
        contract.PROBE_DHCP,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' state, then let all ask for servers."""
        started = time.monotonic()
        presence = presence_module.Presence(context, self.name)
        tried = places_module.find(context, presence, self.name)
        reports = self._reports(context, presence, tried)
        owners = domains.owners(
            presence,
            {answer.mac for one in reports.values() for answer in one.answers},
        )
        heard = analysis.heard(
            tried.places, reports, owners, domains.holders(presence.snapshots)
        )
        doubts = [
            f"no host could ask on {one.place.domain}"
            for one in heard
            if not one.hosts
        ]
        doubts += tried.doubts
        if not heard:
            doubts.append("no network has a host with an IPv4 address")
        findings = analysis.rogues(heard, owners)
        rows = []
        for one in heard:
            lacking = frozenset[str]().union(*analysis.missing(one).values())
            cut_off = domains.cut_off(presence, one.place.domain, lacking)
            if cut_off:
                doubts.append(domains.doubt(one.place.domain, cut_off))
            findings += analysis.unheard(one, cut_off)
            rows.append(row(one, cut_off))
        findings += [*tried.findings, *presence.findings(tried.segments)]
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

    def _reports(
        self,
        context: base.Context,
        presence: presence_module.Presence,
        tried: places_module.Places,
    ) -> dict[str, dhcp.DhcpReport]:
        run = secrets.randbits(32) or 1
        asked: dict[str, requests.Request] = {}
        most = 0
        for host, places in tried.asked().items():
            request = requests.ProbeDhcp(
                places=places,
                run=run,
                attempts=places_module.ATTEMPTS,
                interval=_INTERVAL,
                timeout=_TIMEOUT,
            )
            asked[host] = request
            most = max(most, request.discovers)
        context.progress(
            f"asking for DHCP servers on {len(tried.places)} networks, from "
            f"{len(asked)} hosts"
        )
        reports: dict[str, dhcp.DhcpReport] = presence.ask(
            contract.PROBE_DHCP,
            asked,
            _INTERVAL + _TIMEOUT + most / _RATE,
        )
        return reports


def row(one: analysis.Heard, cut_off: Collection[str]) -> dict[str, Any]:
    """Return one place's row of ``measurements["networks"]``.

    :param cut_off: hosts that reach no other there
    """
    place = one.place
    bad = [server for server in one.answers if not one.allows(server)]
    answering = one.answering
    severities = {found.severity for found in analysis.unheard(one, cut_off)}
    if bad:
        severities.add(analysis.severity([place]))
    if finding.Severity.CRITICAL in severities:
        status = report.CheckStatus.FAILED
    elif severities:
        status = report.CheckStatus.WARNING
    elif not one.hosts or cut_off:
        status = report.CheckStatus.INCONCLUSIVE
    else:
        status = report.CheckStatus.PASSED
    return {
        "network": place.domain.name,
        "vlan": place.domain.vlan or None,
        "hosts": len(one.hosts),
        "expected": {
            address: len(hosts) for address, hosts in answering.items()
        },
        "servers": [
            {
                "address": server.address,
                "mac": server.mac,
                "relay": server.relay,
                "expected": one.allows(server),
                "hosts": sorted(by_host),
                "offered": sorted(
                    {each.offered for each in by_host.values() if each.offered}
                ),
            }
            for server, by_host in one.answers.items()
        ],
        "status": str(status),
    }
