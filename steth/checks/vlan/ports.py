# SPDX-License-Identifier: Apache-2.0
"""The hosts' interfaces on a trunk: which can take part, what ails others."""

from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.vlan import analysis
from steth.checks.vlan import trunk as trunk_module
from steth.model import finding
from steth.model import host as host_model

_LINKS = "list of links"


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The interface of each host that can take part, by host."""

    able: dict[str, str]
    findings: tuple[finding.Finding, ...]


def look(
    trunk: trunk_module.Trunk,
    snapshots: Mapping[str, host_model.HostSnapshot],
    check: str = analysis.CHECK,
) -> Ports:
    """Sort the hosts of a trunk by whether they can take part.

    :param check: the name that the findings bear
    """
    able: dict[str, str] = {}
    findings = []
    for host in sorted(snapshots):
        device = trunk.interface(host)
        if device is None:
            continue
        found = _broken(check, trunk.name, host, device, snapshots[host].root)
        if found is None:
            able[host] = device
        else:
            findings.append(found)
    codes = {one.code for one in findings}
    if (
        not able
        and len(findings) > 1
        and codes == {catalogue.HOST_INTERFACE_MISSING.code}
    ):
        findings = [_nowhere(trunk, findings)]
    return Ports(able=able, findings=tuple(findings))


def _nowhere(
    trunk: trunk_module.Trunk, findings: Sequence[finding.Finding]
) -> finding.Finding:
    """Return one for all: it is the name that is wrong, not each host."""
    names = sorted({one.location.device or "" for one in findings})
    return msgspec.structs.replace(
        findings[0],
        summary=f"no host has {cause.listed(names)}, which {trunk.name} is on",
        location=finding.Location(network=trunk.name),
        affects=(f"all VLANs on {trunk.name}",),
        evidence=tuple(one.evidence[0] for one in findings[:3]),
        confidence=finding.Confidence.LIKELY,
    )


def _broken(
    check: str,
    network: str,
    host: str,
    device: str,
    root: host_model.Namespace,
) -> finding.Finding | None:
    link = root.link(device)
    if link is None:
        there = sorted(one.name for one in root.links if not one.loopback)
        entry = catalogue.HOST_INTERFACE_MISSING
        summary = f"{host} has no interface {device}, which {network} is on"
        expected = f"interface {device}"
        observed = f"interfaces: {cause.listed(there) or 'none'}"
    elif not link.admin_up:
        entry = catalogue.HOST_INTERFACE_DOWN
        summary = f"{device} of {host}, which {network} is on, is down"
        expected, observed = "up", "administratively down"
    elif not link.carrier:
        entry = catalogue.UNDERLAY_NO_CARRIER
        summary = f"{device} of {host}, which {network} is on, has no carrier"
        expected, observed = "carrier", "up, no carrier"
    else:
        return None
    return finding.Finding(
        code=entry.code,
        severity=entry.severity,
        check=check,
        summary=summary,
        location=finding.Location(host=host, device=device, network=network),
        affects=(f"all VLANs of {host} on {network}",),
        evidence=(
            finding.Evidence(
                host=host, source=_LINKS, expected=expected, observed=observed
            ),
        ),
        remedy=entry.remedy,
        confidence=finding.Confidence.CERTAIN,
    )
