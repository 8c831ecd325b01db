# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a trunk, from who heard whom.

Pure: what the hosts heard in, findings out. VLANs that fail in the same way
are one finding.
"""

import collections
from collections.abc import Collection
from collections.abc import Iterator

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import attribution
from steth.checks.mesh import cause
from steth.checks.vlan import hearing
from steth.checks.vlan import trunk as trunk_module
from steth.model import finding
from steth.model import vlan_range

CHECK = "vlan"
_FRAMES = "marked frames on each VLAN"
_NO_TRUNK_REMEDY = (
    "Make the switch port of the host a trunk, instead of an access port or "
    "a tunnel (QinQ), and allow the VLANs on it."
)
_Kind = attribution.Kind
#: What VLANs that fail alike have in common: kind, hosts, groups.
_Shape = tuple[attribution.Kind, tuple[str, ...], tuple[tuple[str, ...], ...]]


def findings(
    trunk: trunk_module.Trunk, heard: hearing.Hearing
) -> list[finding.Finding]:
    """Return what is wrong with a trunk."""
    return [
        *_without_trunk(
            heard,
            list(_missing(trunk, heard)),
            list(_turned(trunk, heard)),
        ),
        *_loops(trunk, heard),
        *_lost(trunk, heard),
    ]


def _without_trunk(
    heard: hearing.Hearing,
    missing: list[finding.Finding],
    turned: list[finding.Finding],
) -> list[finding.Finding]:
    """Make one fault of a port that passes nothing but what has no tag.

    It is no trunk, so that all VLANs are missing; and what it takes without
    a tag is on the VLAN that it is a port of.
    """
    found = []
    for one in missing:
        host = one.location.host
        access = next(
            (each for each in turned if each.location.host == host), None
        )
        if (
            host is not None
            and access is not None
            and one.code == catalogue.UNDERLAY_VLAN_MISSING.code
            and not heard.carried(host) - _untagged(heard, host)
        ):
            turned.remove(access)
            told = msgspec.structs.replace(
                one,
                summary=f"{one.summary}, which is no trunk, it seems: "
                f"{access.summary.partition(': ')[2]}",
                evidence=one.evidence + access.evidence,
                remedy=_NO_TRUNK_REMEDY,
            )
            found.append(told)
        else:
            found.append(one)
    return found + turned


def _untagged(heard: hearing.Hearing, host: str) -> frozenset[int]:
    """Return the VLANs that what has no tag at a host's port is on."""
    return frozenset(
        number
        for way, turns in heard.astray.items()
        if host in way
        for turn in turns
        if not all(turn)
        for number in turn
    )


def _missing(
    trunk: trunk_module.Trunk, heard: hearing.Hearing
) -> Iterator[finding.Finding]:
    """Tell of VLANs that do not pass, by what their ways have in common."""
    alike: dict[
        tuple[frozenset[attribution.Way], frozenset[attribution.Way]],
        list[int],
    ] = {}
    for number, lost in heard.missing(frozenset(trunk.vlans)).items():
        alike.setdefault((heard.alive(number), lost), []).append(number)
    shapes: dict[_Shape, set[int]] = collections.defaultdict(set)
    for (alive, lost), numbers in alike.items():
        for one in attribution.dead(alive, lost):
            hosts = () if one.kind is _Kind.ALL else one.hosts
            shapes[one.kind, hosts, one.groups].update(numbers)
    for (kind, hosts, groups), vlans in shapes.items():
        if kind is _Kind.HOST:
            yield _at_one_port(trunk, heard, hosts[0], vlans)
        elif kind is _Kind.GROUPS:
            yield _between_groups(trunk, groups, vlans)
        elif kind in (_Kind.FROM_HOST, _Kind.TO_HOST, _Kind.ONE_WAY):
            yield _one_way(trunk, kind, hosts, vlans)
        else:
            yield _nowhere(trunk, heard, hosts, vlans)


def _at_one_port(
    trunk: trunk_module.Trunk,
    heard: hearing.Hearing,
    host: str,
    vlans: set[int],
) -> finding.Finding:
    device = trunk.interface(host)
    others = len((heard.senders | heard.receivers) - {host})
    carried = vlan_range.compact(heard.carried(host) & set(trunk.vlans))
    return _finding(
        catalogue.UNDERLAY_VLAN_MISSING,
        trunk,
        f"{_vlans(vlans)} {_do(vlans)} not pass the switch port of {host}, "
        f"{device}",
        vlans,
        host=host,
        evidence=(
            finding.Evidence(
                host=host,
                source=_FRAMES,
                expected=f"{_vlans(vlans)} from and to {others} other hosts",
                observed=f"none of them; {carried or 'no other VLAN'} passed"
                + (" there" if carried else " either"),
            ),
        ),
        # A switch with this host alone would look the same.
        confidence=finding.Confidence.LIKELY,
    )


def _between_groups(
    trunk: trunk_module.Trunk,
    groups: tuple[tuple[str, ...], ...],
    vlans: set[int],
) -> finding.Finding:
    parts = " and ".join(f"({cause.listed(one, 4)})" for one in groups)
    return _finding(
        catalogue.UNDERLAY_VLAN_SPLIT,
        trunk,
        f"{_vlans(vlans)} {_do(vlans)} not pass between {parts}",
        vlans,
        evidence=tuple(
            finding.Evidence(
                host=group[0],
                source=_FRAMES,
                expected=f"{_vlans(vlans)} from all hosts",
                observed=f"heard from {cause.listed(group)} only",
            )
            for group in groups
        ),
        confidence=finding.Confidence.LIKELY,
    )


def _one_way(
    trunk: trunk_module.Trunk,
    kind: attribution.Kind,
    hosts: tuple[str, ...],
    vlans: set[int],
) -> finding.Finding:
    said = {
        _Kind.FROM_HOST: "from {0}, only to it",
        _Kind.TO_HOST: "to {0}, only from it",
        _Kind.ONE_WAY: "from {0} to {1}, only back",
    }[kind].format(*hosts)
    return _finding(
        catalogue.UNDERLAY_VLAN_ONE_WAY,
        trunk,
        f"{_vlans(vlans)} {_do(vlans)} not pass {said}",
        vlans,
        host=hosts[0],
        evidence=(
            finding.Evidence(
                host=hosts[0],
                source=_FRAMES,
                expected=f"{_vlans(vlans)} in both directions",
                observed=f"nothing {said.partition(',')[0]}",
            ),
        ),
        confidence=finding.Confidence.CERTAIN,
    )


def _nowhere(
    trunk: trunk_module.Trunk,
    heard: hearing.Hearing,
    hosts: tuple[str, ...],
    vlans: set[int],
) -> finding.Finding:
    """Tell of VLANs that pass nowhere, or not between two hosts."""
    where = f"between {' and '.join(hosts)}" if hosts else "between any hosts"
    asked = hosts or sorted(heard.receivers)
    return _finding(
        catalogue.UNDERLAY_VLAN_MISSING,
        trunk,
        f"{_vlans(vlans)} {_do(vlans)} not pass {where}",
        vlans,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=_FRAMES,
                expected=f"{_vlans(vlans)} from the others",
                observed="nothing on them",
            )
            for host in asked[:3]
        ),
        confidence=finding.Confidence.POSSIBLE
        if hosts
        else finding.Confidence.LIKELY,
    )


_Edge = tuple[attribution.Way, hearing.Turn]


def _turned(
    trunk: trunk_module.Trunk, heard: hearing.Hearing
) -> Iterator[finding.Finding]:
    """Tell of frames that changed their VLAN, by the host they share."""
    rest: set[_Edge] = {
        (way, turn) for way, turns in heard.astray.items() for turn in turns
    }
    while rest:
        counts = collections.Counter(
            host for way, _ in rest for host in way
        ).most_common(2)
        # Where all have a part in it, it is nobody's own port.
        odd = counts[0][0] if counts[0][1] > counts[1][1] else None
        edges = {one for one in rest if odd is None or odd in one[0]}
        yield _one_turn(trunk, odd, edges)
        rest -= edges


def _one_turn(
    trunk: trunk_module.Trunk, host: str | None, edges: set[_Edge]
) -> finding.Finding:
    vlans = {number for _, turn in edges for number in turn if number} or {0}
    turns: dict[hearing.Turn, list[attribution.Way]] = {}
    for way, turn in sorted(edges):
        turns.setdefault(turn, []).append(way)
    where = (
        f"at the switch port of {host}, {trunk.interface(host)}"
        if host
        else "between hosts"
    )
    return _finding(
        catalogue.UNDERLAY_VLAN_NATIVE,
        trunk,
        f"frames change their VLAN {where}: {_turn(next(iter(turns)))}",
        vlans,
        host=host,
        evidence=tuple(
            finding.Evidence(
                host=ways[0].target,
                source=f"{_FRAMES} from {ways[0].source}",
                expected=f"what is sent {_on(turn.sent_on)} arrives so",
                observed=f"arrives {_on(turn.arrived_on)}"
                + (f", {len(ways)} pairs of hosts" if len(ways) > 1 else ""),
            )
            for turn, ways in list(turns.items())[:4]
        ),
        confidence=finding.Confidence.CERTAIN
        if host
        else finding.Confidence.LIKELY,
    )


def _loops(
    trunk: trunk_module.Trunk, heard: hearing.Hearing
) -> Iterator[finding.Finding]:
    if not heard.own:
        return
    hosts = sorted(heard.own)
    numbers = frozenset[int]().union(*heard.own.values())
    yield _finding(
        catalogue.UNDERLAY_VLAN_LOOP,
        trunk,
        f"frames that {cause.listed(hosts)} sent on {_vlans(numbers)} came "
        f"back",
        numbers,
        host=hosts[0] if len(hosts) == 1 else None,
        evidence=tuple(
            finding.Evidence(
                host=host,
                source=_FRAMES,
                expected="no frame of its own comes in",
                observed=f"its own came in on {_vlans(heard.own[host])}",
            )
            for host in hosts[:3]
        ),
        confidence=finding.Confidence.CERTAIN,
    )


def _lost(
    trunk: trunk_module.Trunk, heard: hearing.Hearing
) -> Iterator[finding.Finding]:
    for host, lost in sorted(heard.lost.items()):
        yield _finding(
            catalogue.AGENT_FRAMES_LOST,
            trunk,
            f"the agent on {host} lost {lost} frames that arrived",
            trunk.vlans,
            host=host,
            evidence=(
                finding.Evidence(
                    host=host,
                    source="the kernel's count of dropped frames",
                    expected="0",
                    observed=str(lost),
                ),
            ),
            confidence=finding.Confidence.CERTAIN,
        )


def _finding(
    entry: catalogue.Entry,
    trunk: trunk_module.Trunk,
    summary: str,
    vlans: Collection[int],
    *,
    evidence: tuple[finding.Evidence, ...],
    confidence: finding.Confidence,
    host: str | None = None,
) -> finding.Finding:
    return finding.Finding(
        code=entry.code,
        severity=entry.severity,
        check=CHECK,
        summary=summary,
        location=finding.Location(
            host=host,
            device=trunk.interface(host) if host else None,
            network=trunk.name,
        ),
        affects=(f"{_vlans(vlans)} on {trunk.name}",),
        evidence=evidence,
        remedy=entry.remedy,
        confidence=confidence,
    )


def _vlans(numbers: Collection[int]) -> str:
    tagged = vlan_range.compact(set(numbers) - {0})
    words = []
    if tagged:
        word = "VLAN" if tagged.isdigit() else "VLANs"
        words.append(f"{word} {tagged}")
    if 0 in numbers:
        words.append("no VLAN (untagged)")
    return " and ".join(words)


def _do(numbers: Collection[int]) -> str:
    return "do" if len(numbers) > 1 else "does"


def _on(number: int) -> str:
    return f"on VLAN {number}" if number else "without a tag"


def _turn(turn: hearing.Turn) -> str:
    return f"what is sent {_on(turn.sent_on)} arrives {_on(turn.arrived_on)}"
