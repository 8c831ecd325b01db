# SPDX-License-Identifier: Apache-2.0
"""Which servers should not answer, and which should and do not.

Pure: what the hosts heard in, findings out. A server is one finding, however
many hosts and networks heard it.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from steth.checks import catalogue
from steth.checks import domains
from steth.checks.mesh import cause
from steth.checks.rogue_dhcp import places as places_module
from steth.model import dhcp
from steth.model import finding

CHECK = "rogue-dhcp"
_DISCOVER = "marked DHCPDISCOVER"


class Server(NamedTuple):
    """A server as it shows itself: its identifier, and who brought it."""

    address: str
    mac: str
    relay: str | None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard on one place: the answers by server and host.

    ``hosts`` are those that asked there, ``homes`` those that a server runs
    on, by each of its addresses: a host does not hear itself.
    """

    place: places_module.Place
    hosts: tuple[str, ...]
    homes: dict[str, frozenset[str]] = {}
    answers: dict[Server, dict[str, dhcp.DhcpAnswer]] = {}

    @property
    def answering(self) -> dict[str, set[str]]:
        """The hosts that each expected server answered, by its address."""
        found: dict[str, set[str]] = {
            one: set() for one in self.place.expected
        }
        for by_host in self.answers.values():
            for host, answer in by_host.items():
                for address in found.keys() & _addresses(answer):
                    found[address].add(host)
        return found

    @property
    def served(self) -> frozenset[str]:
        """The hosts that any expected server answered."""
        return frozenset[str]().union(*self.answering.values())

    def allows(self, server: Server) -> bool:
        """Tell whether a server may answer here."""
        return any(
            _addresses(answer) & self.place.allowed
            for answer in self.answers[server].values()
        )


def heard(
    places: Iterable[places_module.Place],
    reports: Mapping[str, dhcp.DhcpReport],
    owners: Mapping[str, domains.Owner],
    holders: Mapping[str, frozenset[str]],
) -> list[Heard]:
    """Sort what the hosts heard by place and server.

    A host whose interface did not take what was to be sent has not asked.

    :param owners: whose hardware addresses are the hosts'
    :param holders: the hosts by the IP addresses that they have
    """
    found = []
    for place in places:
        hosts = []
        answers: dict[Server, dict[str, dhcp.DhcpAnswer]] = {}
        for host, interface in sorted(place.domain.interfaces.items()):
            if host not in reports or interface in reports[host].refused:
                continue
            hosts.append(host)
            for one in reports[host].answers:
                if (one.interface, one.vlan) == (
                    interface,
                    place.domain.vlan,
                ):
                    server = Server(
                        one.server or one.source, one.mac, one.relay
                    )
                    answers.setdefault(server, {})[host] = one
        homes = dict(holders)
        for server, by_host in answers.items():
            if server.mac in owners:
                for answer in by_host.values():
                    for address in _addresses(answer):
                        homes[address] = homes.get(address, frozenset()) | {
                            owners[server.mac].host
                        }
        found.append(
            Heard(
                place=place,
                hosts=tuple(hosts),
                homes=homes,
                answers=answers,
            )
        )
    return found


def joined(
    first: Mapping[str, dhcp.DhcpReport], second: Mapping[str, dhcp.DhcpReport]
) -> dict[str, dhcp.DhcpReport]:
    """Return what hosts heard in two passes.

    Some asked but once: they are not in ``second``.
    """
    return {
        host: msgspec.structs.replace(
            one,
            answers=one.answers + second[host].answers,
            refused=one.refused | second[host].refused,
        )
        if host in second
        else one
        for host, one in first.items()
    }


def rogues(
    everything: Sequence[Heard], owners: Mapping[str, domains.Owner]
) -> list[finding.Finding]:
    """Return a finding for each server that should not answer.

    :param owners: whose hardware addresses are the hosts'
    """
    where: dict[Server, list[Heard]] = {}
    for one in everything:
        for server in one.answers:
            if not one.allows(server):
                where.setdefault(server, []).append(one)
    return [
        _rogue(server, found, owners.get(server.mac))
        for server, found in sorted(
            where.items(), key=lambda one: (one[0].address, one[0].mac)
        )
    ]


def severity(places: Iterable[places_module.Place]) -> finding.Severity:
    """Return how bad it is that a stranger answers on these places."""
    if any(one.configured for one in places):
        return catalogue.DHCP_ROGUE_SERVER.severity
    return finding.Severity.WARNING


def _rogue(
    server: Server, found: Sequence[Heard], owner: domains.Owner | None
) -> finding.Finding:
    names = [str(one.place.domain) for one in found]
    by_host: dict[str, dhcp.DhcpAnswer] = {}
    for one in found:
        by_host.update(one.answers[server])
    entry = catalogue.DHCP_ROGUE_SERVER
    who = f"{server.address} ({server.mac}"
    if owner:
        inside = f" in {owner.netns}" if owner.netns else ""
        who += f", {owner.device}{inside} of {owner.host}"
    who += f", relayed by {server.relay})" if server.relay else ")"
    wanted = sorted({each for one in found for each in one.place.allowed})
    return finding.Finding(
        code=entry.code,
        severity=severity([one.place for one in found]),
        check=CHECK,
        summary=(
            f"a DHCP server that is not expected answers on "
            f"{cause.listed(names, 3)}: {who}"
        ),
        location=finding.Location(
            host=owner.host if owner else None,
            netns=owner.netns if owner else None,
            device=owner.device if owner else None,
            network=", ".join(
                dict.fromkeys(one.place.domain.name for one in found)
            ),
        ),
        affects=(f"all that asks for an address on {cause.listed(names)}",),
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=f"{_DISCOVER} on {answer.interface}"
                + (f" VLAN {answer.vlan}" if answer.vlan else ""),
                expected=f"answers of {cause.listed(wanted)} only"
                if wanted
                else "no answer",
                observed=(
                    f"offer of {answer.offered} by {server.address}, from "
                    f"{answer.source} at {answer.mac}"
                ),
            )
            for host, answer in sorted(by_host.items())[:3]
        ),
        remedy=entry.remedy,
        # Where none is expected, it may be that nobody has said so.
        confidence=finding.Confidence.CERTAIN
        if wanted
        else finding.Confidence.LIKELY,
    )


def missing(one: Heard) -> dict[str, frozenset[str]]:
    """Return by expected server the hosts that it does not answer."""
    expected = {host: one.place.expected_by(host) for host in one.hosts}
    return {
        address: frozenset(
            host for host, servers in expected.items() if address in servers
        )
        - hosts
        - one.homes.get(address, frozenset())
        for address, hosts in one.answering.items()
    }


def lacking(one: Heard) -> frozenset[str]:
    """Return the hosts that some expected server does not answer."""
    return frozenset[str]().union(*missing(one).values())


def unheard(one: Heard, cut_off: Collection[str]) -> list[finding.Finding]:
    """Return a finding for each expected server that hosts do not hear.

    :param cut_off: the hosts of which this proves nothing: they reach no
        other, or failed meanwhile
    """
    found = []
    for address, hosts in missing(one).items():
        silent = sorted(hosts - set(cut_off))
        hearing = sorted(one.answering[address])
        if silent and hearing:
            found.append(_partly(one, address, silent, hearing))
        elif silent:
            found.append(_silent(one, address, silent))
    return found


def _silent(one: Heard, address: str, asked: Sequence[str]) -> finding.Finding:
    entry = catalogue.DHCP_SERVER_SILENT
    domain = one.place.domain
    others = sorted(
        name for name, hosts in one.answering.items() if hosts & set(asked)
    )
    subnet = domain.segment.subnet(address) if domain.segment else None
    everywhere = all(
        address in one.place.expected_by(host) for host in one.hosts
    )
    where = f"{domain}" if everywhere else f"{domain} {subnet}"
    return finding.Finding(
        code=entry.code,
        severity=finding.Severity.WARNING if others else entry.severity,
        check=CHECK,
        summary=(
            f"DHCP server {address} answers no host on {where}"
            + (f", {cause.listed(others)} does" if others else "")
        ),
        location=finding.Location(network=domain.name),
        affects=()
        if others
        else (f"all that asks for an address on {where}",),
        evidence=(
            finding.Evidence(
                host=None,
                source=f"{_DISCOVER}s of {cause.listed(asked)}",
                expected=f"an offer of {address}",
                observed="none",
            ),
        ),
        remedy=entry.remedy,
        # Nothing proves that a lone host reaches anybody.
        confidence=finding.Confidence.CERTAIN
        if len(asked) > 1 and domain.segment
        else finding.Confidence.LIKELY,
    )


def _partly(
    one: Heard, address: str, lacking: Sequence[str], hearing: Sequence[str]
) -> finding.Finding:
    entry = catalogue.DHCP_SERVER_UNHEARD
    domain = one.place.domain
    host = lacking[0] if len(lacking) == 1 else None
    served = one.served >= set(lacking)
    return finding.Finding(
        code=entry.code,
        severity=finding.Severity.WARNING if served else entry.severity,
        check=CHECK,
        summary=(
            f"DHCP server {address} does not answer "
            f"{cause.listed(lacking)} on {domain}, and answers "
            f"{cause.listed(hearing, 3)}"
            + (
                f"; another one answers {cause.listed(lacking)}"
                if served
                else ""
            )
        ),
        location=finding.Location(
            host=host,
            device=domain.interfaces[host] if host else None,
            network=domain.name,
        ),
        affects=()
        if served
        else tuple(f"{name} on {domain}" for name in lacking[:6]),
        evidence=tuple(
            finding.Evidence(
                host=name,
                source=f"{_DISCOVER} on {domain.interfaces[name]}",
                expected=f"an offer of {address}",
                observed=said,
            )
            for name, said in (
                *((name, "none") for name in lacking[:3]),
                (hearing[0], f"an offer of {address}"),
            )
        ),
        remedy=entry.remedy,
        confidence=finding.Confidence.CERTAIN
        if domain.segment
        else finding.Confidence.LIKELY,
    )


def _addresses(answer: dhcp.DhcpAnswer) -> set[str]:
    """Return the addresses by which an answering server may be known."""
    found = {answer.server, answer.source}
    return {one for one in found if one}
