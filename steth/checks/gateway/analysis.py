# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a gateway, from who was given which address for it.

Pure: answers in, findings out.
"""

from collections.abc import Collection
from collections.abc import Mapping

import msgspec

from steth.checks import catalogue
from steth.checks import domains
from steth.checks.gateway import gateways
from steth.checks.mesh import cause
from steth.model import finding

CHECK = "gateway"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway, with the hardware addresses that each host was given.

    A host that could not ask is not in ``macs``, nor is the gateway itself
    where it is one of the hosts.
    """

    gateway: gateways.Gateway
    macs: dict[str, frozenset[str]]

    @property
    def silent(self) -> frozenset[str]:
        """The hosts that got no answer."""
        return frozenset(host for host, macs in self.macs.items() if not macs)

    @property
    def every_mac(self) -> frozenset[str]:
        """All hardware addresses that were given."""
        return frozenset[str]().union(*self.macs.values())


def findings(
    asked: Asked,
    cut_off: Collection[str],
    owners: Mapping[str, domains.Owner],
) -> list[finding.Finding]:
    """Return what is wrong with a gateway.

    :param cut_off: the hosts that reach no other, which proves nothing
    :param owners: whose hardware addresses are the hosts'
    """
    found = []
    lacking = sorted(asked.silent - set(cut_off))
    hearing = sorted(set(asked.macs) - asked.silent)
    if lacking and hearing:
        found.append(_unheard(asked, lacking, hearing))
    elif lacking:
        found.append(_silent(asked, lacking))
    if any(len(macs) > 1 for macs in asked.macs.values()):
        found.append(_taken(asked, owners))
    elif len(asked.every_mac) > 1:
        found.append(_differs(asked, owners))
    return found


def _silent(asked: Asked, hosts: list[str]) -> finding.Finding:
    domain = asked.gateway.domain
    return _finding(
        asked,
        catalogue.UNDERLAY_GATEWAY_SILENT,
        f"the gateway of {domain}, {asked.gateway.address}, answers no host",
        evidence=tuple(
            _evidence(asked, host, "no answer") for host in hosts[:3]
        ),
        affects=(
            f"{len(hosts)} {'host' if len(hosts) == 1 else 'hosts'} on "
            f"{domain}: {cause.listed(hosts)}",
        ),
        confidence=finding.Confidence.CERTAIN
        if domain.segment and len(hosts) > 1
        else finding.Confidence.LIKELY,
    )


def _unheard(
    asked: Asked, lacking: list[str], hearing: list[str]
) -> finding.Finding:
    domain = asked.gateway.domain
    host = lacking[0] if len(lacking) == 1 else None
    return _finding(
        asked,
        catalogue.UNDERLAY_GATEWAY_UNHEARD,
        f"the gateway of {domain}, {asked.gateway.address}, does not answer "
        f"{cause.listed(lacking)}; it answers {cause.listed(hearing, 3)}",
        host=host,
        device=domain.interfaces[host] if host else None,
        evidence=(
            *(_evidence(asked, one, "no answer") for one in lacking[:3]),
            _evidence(asked, hearing[0]),
        ),
        affects=tuple(f"{one} on {domain}" for one in lacking[:6]),
        confidence=finding.Confidence.CERTAIN
        if domain.segment
        else finding.Confidence.LIKELY,
    )


def _taken(
    asked: Asked, owners: Mapping[str, domains.Owner]
) -> finding.Finding:
    owner = next(
        (owners[mac] for mac in sorted(asked.every_mac) if mac in owners),
        None,
    )
    doubled = [
        host for host in sorted(asked.macs) if len(asked.macs[host]) > 1
    ]
    return _finding(
        asked,
        catalogue.UNDERLAY_ADDRESS_DUPLICATE,
        f"{_count(asked)} hardware addresses answer for "
        f"{asked.gateway.address}, the gateway of {asked.gateway.domain}: "
        f"{_who(asked, owners)}",
        host=owner.host if owner else None,
        device=owner.device if owner else None,
        evidence=tuple(_evidence(asked, one) for one in doubled[:3]),
        affects=(f"all that leaves {asked.gateway.domain}",),
        confidence=finding.Confidence.CERTAIN,
    )


def _differs(
    asked: Asked, owners: Mapping[str, domains.Owner]
) -> finding.Finding:
    first: dict[frozenset[str], str] = {}
    for host, macs in sorted(asked.macs.items()):
        if macs:
            first.setdefault(macs, host)
    owner = next(
        (owners[mac] for mac in sorted(asked.every_mac) if mac in owners),
        None,
    )
    return _finding(
        asked,
        catalogue.UNDERLAY_GATEWAY_DIFFERS,
        f"hosts get {_count(asked)} hardware addresses for "
        f"{asked.gateway.address}, the gateway of {asked.gateway.domain}: "
        f"{_who(asked, owners)}",
        host=owner.host if owner else None,
        device=owner.device if owner else None,
        evidence=tuple(
            _evidence(asked, host) for host in list(first.values())[:4]
        ),
        affects=(f"all that leaves {asked.gateway.domain}",),
        confidence=finding.Confidence.LIKELY,
    )


def _finding(
    asked: Asked,
    entry: catalogue.Entry,
    summary: str,
    *,
    evidence: tuple[finding.Evidence, ...],
    affects: tuple[str, ...],
    confidence: finding.Confidence,
    host: str | None = None,
    device: str | None = None,
) -> finding.Finding:
    return finding.Finding(
        code=entry.code,
        severity=entry.severity,
        check=CHECK,
        summary=summary,
        location=finding.Location(
            host=host, device=device, network=asked.gateway.domain.name
        ),
        affects=affects,
        evidence=evidence,
        remedy=entry.remedy,
        confidence=confidence,
    )


def _evidence(
    asked: Asked, host: str, observed: str | None = None
) -> finding.Evidence:
    gateway = asked.gateway
    how = "ARP" if "." in gateway.address else "neighbour solicitation"
    return finding.Evidence(
        host=host,
        source=f"{how} on {gateway.domain.interfaces[host]}",
        expected=f"one hardware address for {gateway.address} "
        f"({gateway.known_from})",
        observed=observed or " and ".join(sorted(asked.macs[host])),
    )


def _count(asked: Asked) -> str:
    count = len(asked.every_mac)
    return {2: "two", 3: "three"}.get(count, str(count))


def _who(asked: Asked, owners: Mapping[str, domains.Owner]) -> str:
    return cause.listed(
        [
            f"{mac} ({owners[mac].device} of {owners[mac].host})"
            if mac in owners
            else mac
            for mac in sorted(asked.every_mac)
        ]
    )
