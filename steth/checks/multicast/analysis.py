# SPDX-License-Identifier: Apache-2.0
"""What is wrong with multicast on a network, from who heard whom.

Pure: what the hosts heard in, findings out.
"""

from collections.abc import Collection

from steth.checks import catalogue
from steth.checks.mesh import attribution
from steth.checks.mesh import cause
from steth.checks.multicast import hearing as hearing_module
from steth.model import finding

CHECK = "multicast"
_GROUP = "messages to a group that it joined"
_Kind = attribution.Kind


def findings(
    heard: hearing_module.Hearing,
    cut: Collection[attribution.Way],
    explained: Collection[attribution.Way] = (),
) -> list[finding.Finding]:
    """Return what is wrong on a network.

    :param cut: the ways that ping does not pass either
    :param explained: those whose end drops messages for a known cause
    """
    return [
        *(
            one
            for part in hearing_module.by_subnet(heard)
            for one in _lost(part, part.lost - set(cut))
        ),
        *_filtered(heard, heard.filtered - set(explained)),
    ]


def _lost(
    heard: hearing_module.Hearing, lost: Collection[attribution.Way]
) -> list[finding.Finding]:
    return [
        _of_pattern(heard, one)
        for one in attribution.dead(heard.arrived & heard.ways, lost)
    ]


def _of_pattern(
    heard: hearing_module.Hearing, one: attribution.Pattern
) -> finding.Finding:
    name = heard.segment.name
    if one.kind is _Kind.ALL or not heard.arrived:
        return _finding(
            heard,
            catalogue.UNDERLAY_MULTICAST_SILENT,
            f"no multicast passes between the hosts on {name}, ping does",
            evidence=tuple(
                _evidence(host, "none, of any host")
                for host in sorted(heard.receivers)[:3]
            ),
            affects=(f"all hosts on {name}",),
        )
    if one.kind is _Kind.GROUPS:
        parts = " and ".join(f"({cause.listed(x, 4)})" for x in one.groups)
        return _finding(
            heard,
            catalogue.UNDERLAY_MULTICAST_SPLIT,
            f"on {name} no multicast passes between {parts}, ping does",
            evidence=tuple(
                _evidence(group[0], f"of {cause.listed(group)} only")
                for group in one.groups
            ),
            affects=_counted(heard, one),
        )
    said, observed = {
        _Kind.HOST: ("from or to {0}", "none"),
        _Kind.FROM_HOST: ("from {0}, only to it", "none of {0}"),
        _Kind.TO_HOST: ("to {0}, only from it", "none"),
        _Kind.BOTH_WAYS: ("between {0} and {1}", "none of {1}"),
        _Kind.ONE_WAY: ("from {0} to {1}, only back", "none of {0}"),
    }[one.kind]
    host = one.hosts[0]
    witness = {
        _Kind.FROM_HOST: sorted({way.target for way in one.ways})[0],
        _Kind.ONE_WAY: one.hosts[-1],
    }.get(one.kind, host)
    return _finding(
        heard,
        catalogue.UNDERLAY_MULTICAST_BLOCKED,
        f"on {name} no multicast passes {said.format(*one.hosts)}; ping does",
        host=None if one.kind is _Kind.BOTH_WAYS else host,
        evidence=(_evidence(witness, observed.format(*one.hosts)),),
        affects=_counted(heard, one),
    )


def _filtered(
    heard: hearing_module.Hearing, ways: Collection[attribution.Way]
) -> list[finding.Finding]:
    """Tell of hosts that drop what arrives, at once where all do."""
    hosts = sorted({way.target for way in ways})
    name = heard.segment.name
    many = len(hosts) > 1 and hosts == sorted(
        {way.target for way in heard.ways}
    )
    return [
        _finding(
            heard,
            catalogue.HOST_MULTICAST_FILTERED,
            f"{cause.listed(group)} {'drop' if len(group) > 1 else 'drops'} "
            f"the multicast that arrives on {name}",
            host=None if many else group[0],
            evidence=tuple(
                _evidence(one, "they arrived at the interface only")
                for one in group[:3]
            ),
            affects=tuple(f"{one} on {name}" for one in group[:6]),
        )
        for group in ([hosts] if many else [[one] for one in hosts])
    ]


def _finding(
    heard: hearing_module.Hearing,
    entry: catalogue.Entry,
    summary: str,
    *,
    evidence: tuple[finding.Evidence, ...],
    affects: tuple[str, ...],
    host: str | None = None,
) -> finding.Finding:
    return finding.Finding(
        code=entry.code,
        severity=entry.severity,
        check=CHECK,
        summary=summary,
        location=finding.Location(
            host=host,
            device=heard.segment.device(host) if host else None,
            network=heard.segment.name,
        ),
        affects=affects,
        evidence=evidence,
        remedy=entry.remedy,
        confidence=finding.Confidence.CERTAIN,
    )


def _evidence(host: str, observed: str) -> finding.Evidence:
    return finding.Evidence(
        host=host,
        source=_GROUP,
        expected="those of all other hosts",
        observed=observed,
    )


def _counted(
    heard: hearing_module.Hearing, one: attribution.Pattern
) -> tuple[str, ...]:
    return (
        f"{len(one.ways)} of {len(heard.ways)} pairs on {heard.segment.name}",
    )
