# SPDX-License-Identifier: Apache-2.0
"""What is wrong with gateways, from who was given which address for them.

Pure: answers in, findings out.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

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


class Fault(NamedTuple):
    """A finding, and the indexes of the gateways that it is about."""

    finding: finding.Finding
    gateways: tuple[int, ...]


def faults(
    asked: Sequence[Asked],
    cut_off: Sequence[Collection[str]],
    owners: Mapping[str, domains.Owner],
) -> list[Fault]:
    """Return what is wrong with the gateways.

    :param cut_off: for each the hosts that reach no other, which proves
        nothing
    :param owners: whose hardware addresses are the hosts'
    """
    found = _silences(asked, cut_off)
    for index, one in enumerate(asked):
        if any(len(macs) > 1 for macs in one.macs.values()):
            found.append(Fault(_taken(one, owners), (index,)))
        elif len(one.every_mac) > 1:
            found.append(Fault(_differs(one, owners), (index,)))
    return found


def _silences(
    asked: Sequence[Asked], cut_off: Sequence[Collection[str]]
) -> list[Fault]:
    """Return who is not answered, once for the same hosts on a network.

    A gateway that answers for no IPv4 and for no IPv6 address is one fault.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, one in enumerate(asked):
        lacking = sorted(one.silent.difference(cut_off[index]))
        if lacking:
            answered = "some" if set(one.macs) - one.silent else "none"
            key = (str(one.gateway.domain), answered, *lacking)
            groups.setdefault(key, []).append(index)
    found = []
    for (_, answered, *lacking), indexes in groups.items():
        group = [asked[index] for index in indexes]
        if answered == "some":
            told = _unheard(group, lacking)
        else:
            others = [one for one in asked if _serves_others(one, group)]
            told = _silent(group, lacking, others)
        found.append(Fault(told, tuple(indexes)))
    return found


def _serves_others(one: Asked, group: Sequence[Asked]) -> bool:
    """Tell whether other hosts' routes name another gateway, which answers.

    Then it is the routes by the silent ones that are doubtful.
    """
    return bool(one.every_mac) and any(
        one.gateway.known_from == silent.gateway.known_from == "routes"
        and one.gateway.domain.segment == silent.gateway.domain.segment
        and not set(one.macs) & set(silent.macs)
        for silent in group
    )


def _named(group: Sequence[Asked]) -> str:
    """Return "the gateway of tunnel, 192.0.2.1", or of several."""
    addresses = [one.gateway.address for one in group]
    gateways = "gateway" if len(group) == 1 else "gateways"
    return (
        f"the {gateways} of {group[0].gateway.domain}, "
        f"{' and '.join(addresses)},"
    )


def _silent(
    group: Sequence[Asked], hosts: list[str], others: Sequence[Asked]
) -> finding.Finding:
    """Tell of gateways that answer nobody.

    :param others: those that other hosts have instead
    """
    asked = group[0]
    domain = asked.gateway.domain
    summary = (
        f"{_named(group)} {'answers' if len(group) == 1 else 'answer'} no host"
    )
    host = None
    if others:
        instead = cause.listed([one.gateway.address for one in others])
        summary = (
            f"{summary}; it is in the routes of {cause.listed(hosts)} only, "
            f"others have {instead}, which answers"
        )
        host = hosts[0] if len(hosts) == 1 else None
    return _finding(
        asked,
        catalogue.UNDERLAY_GATEWAY_SILENT,
        summary,
        host=host,
        device=domain.interfaces[host] if host else None,
        evidence=tuple(
            _evidence(one, host, "no answer")
            for one in group
            for host in hosts[:3]
        ),
        affects=(
            f"{len(hosts)} {'host' if len(hosts) == 1 else 'hosts'} on "
            f"{domain}: {cause.listed(hosts)}",
        ),
        confidence=finding.Confidence.CERTAIN
        if domain.segment and len(hosts) > 1
        else finding.Confidence.LIKELY,
    )


def _unheard(group: Sequence[Asked], lacking: list[str]) -> finding.Finding:
    asked = group[0]
    domain = asked.gateway.domain
    host = lacking[0] if len(lacking) == 1 else None
    hearing = sorted(set(asked.macs) - asked.silent)
    does, it = (
        ("does", "it answers") if len(group) == 1 else ("do", "they answer")
    )
    return _finding(
        asked,
        catalogue.UNDERLAY_GATEWAY_UNHEARD,
        f"{_named(group)} {does} not answer {cause.listed(lacking)}; {it} "
        f"{cause.listed(hearing, 3)}",
        host=host,
        device=domain.interfaces[host] if host else None,
        evidence=(
            *(
                _evidence(one, silent, "no answer")
                for one in group
                for silent in lacking[:3]
            ),
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
