# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

from collections.abc import Collection
from collections.abc import Mapping
import secrets
import time
from typing import Any
from typing import ClassVar
from typing import NamedTuple

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

#: Messages per second that an agent sends on many VLANs.
_RATE = 100


class _Patience(NamedTuple):
    """Seconds between the two messages, and of listening after the second."""

    interval: float
    timeout: float


#: A server may first ping the address for three seconds that it will offer.
_FIRST = _Patience(interval=3.0, timeout=4.0)
#: dnsmasq does so for one client after the other, until it has for six: what
#: is sent to it meanwhile is answered eighteen seconds after the first.
_AGAIN = _Patience(interval=5.0, timeout=10.0)


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
        heard, owners = self._heard(context, presence, tried)
        doubts = [
            f"no host could ask on {one.place.domain}"
            for one in heard
            if not one.hosts
        ]
        doubts += tried.doubts
        if not heard:
            doubts.append("no network has a host that can ask")
        findings = analysis.rogues(heard, owners)
        rows = []
        for one in heard:
            # Who failed the second time has not waited.
            lacking = analysis.lacking(one)
            failed = lacking.intersection(presence.failures)
            cut_off = domains.cut_off(
                presence, one.place.domain, lacking - failed
            )
            if cut_off:
                doubts.append(domains.doubt(one.place.domain, cut_off))
            cut_off |= failed
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

    def _heard(
        self,
        context: base.Context,
        presence: presence_module.Presence,
        tried: places_module.Places,
    ) -> tuple[list[analysis.Heard], dict[str, domains.Owner]]:
        """Let all ask, and those again that an expected server left out.

        :returns: what was heard, and whose the servers are
        """
        context.progress(
            f"asking for DHCP servers on {len(tried.places)} networks, from "
            f"{len(tried.asked())} hosts"
        )
        run = secrets.randbits(32) or 1
        reports = self._reports(presence, tried, run, _FIRST)
        holders = domains.holders(presence.snapshots)
        owners = domains.owners(presence, _macs(reports))
        heard = analysis.heard(tried.places, reports, owners, holders)
        again = places_module.Places(
            places=tuple(
                one.place.only(lacking)
                for one in heard
                if (lacking := analysis.lacking(one))
            )
        )
        if not again.places:
            return heard, owners
        context.progress("once more where an expected server did not answer")
        more = self._reports(presence, again, run, _AGAIN)
        owners |= domains.owners(presence, _macs(more) - _macs(reports))
        return (
            analysis.heard(
                tried.places, analysis.joined(reports, more), owners, holders
            ),
            owners,
        )

    def _reports(
        self,
        presence: presence_module.Presence,
        tried: places_module.Places,
        run: int,
        patience: _Patience,
    ) -> dict[str, dhcp.DhcpReport]:
        asked: dict[str, requests.Request] = {}
        most = 0
        for host, places in tried.asked().items():
            request = requests.ProbeDhcp(
                places=places,
                run=run,
                attempts=places_module.ATTEMPTS,
                interval=patience.interval,
                timeout=patience.timeout,
            )
            asked[host] = request
            most = max(most, request.discovers)
        reports: dict[str, dhcp.DhcpReport] = presence.ask(
            contract.PROBE_DHCP,
            asked,
            patience.interval + patience.timeout + most / _RATE,
        )
        return reports


def _macs(reports: Mapping[str, dhcp.DhcpReport]) -> set[str]:
    return {answer.mac for one in reports.values() for answer in one.answers}


def row(one: analysis.Heard, cut_off: Collection[str]) -> dict[str, Any]:
    """Return one place's row of ``measurements["networks"]``.

    :param cut_off: hosts that reach no other there, or failed meanwhile
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
