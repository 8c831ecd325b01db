# SPDX-License-Identifier: Apache-2.0
"""Names the switch port in every finding that is about one.

The hosts' lldpd knows it, where it runs. The hosts that a finding is about
are asked, and no others.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from steth.checks import base
from steth.checks import bridges
from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import lower
from steth.model import agent
from steth.model import finding as finding_model
from steth.model import lldp
from steth.rpc import contract
from steth.rpc import requests

#: What may lie at the other end of the cable.
_CODES = frozenset(
    one.code
    for one in (
        catalogue.UNDERLAY_BANDWIDTH_HOST,
        catalogue.UNDERLAY_BOND_DEGRADED,
        catalogue.UNDERLAY_CARRIER_UNSTABLE,
        catalogue.UNDERLAY_ERRORS_GROW,
        catalogue.UNDERLAY_FILTERED,
        catalogue.UNDERLAY_HALF_DUPLEX,
        catalogue.UNDERLAY_MTU_BLACK_HOLE,
        catalogue.UNDERLAY_NO_CARRIER,
        catalogue.UNDERLAY_NO_NEIGHBOUR,
        catalogue.UNDERLAY_ONE_WAY,
        catalogue.UNDERLAY_PARTIAL_LOSS,
        catalogue.UNDERLAY_SPEED_LOW,
        catalogue.UNDERLAY_VLAN_LOOP,
        catalogue.UNDERLAY_VLAN_MISSING,
        catalogue.UNDERLAY_VLAN_NATIVE,
        catalogue.UNDERLAY_VLAN_ONE_WAY,
    )
)
#: More ports than a bond has are not worth a line.
_MOST = 4

Reports = Mapping[str, lldp.LldpReport]


def read(context: base.Context, hosts: Iterable[str]) -> Reports:
    """Return what lldpd on these hosts knows.

    It is asked once a run. Hosts whose agent is silent or has no such
    operation are left out.
    """
    operation = contract.INSPECT_LLDP
    wanted = set(hosts)
    asked: dict[str, requests.Request] = {
        one.host: requests.InspectLldp()
        for one in context.fleet.agents
        if one.host in wanted - context.neighbours.keys()
        and one.status is agent.AgentStatus.UP
        and operation.name in one.operations
    }
    if asked:
        answers = context.fleet.ask(operation, asked, seconds=3.0)
        for host, one in answers.items():
            context.neighbours[host] = (
                lldp.LldpReport(unavailable=one.error.message)
                if one.error is not None
                else one.data
            )
    return {
        host: one for host, one in context.neighbours.items() if host in wanted
    }


def of(
    context: base.Context, reports: Reports, host: str, device: str
) -> list[lldp.LldpNeighbour]:
    """Return what the ports are that a device's frames leave by.

    They are those of a bond's members, and of the NIC below a VLAN; or below
    an internal port of Open vSwitch, where its bridges have been read.
    """
    lowest = {device}
    snapshot = context.taken.get(host)
    link = snapshot.root.link(device) if snapshot else None
    if snapshot is not None and link is not None:
        internal = bridges.ports(context).get(host, lower.NO_PORTS)
        lowest |= {
            one.name for one in lower.lowest(link, snapshot.root, internal)
        }
    report = reports.get(host, lldp.LldpReport())
    return [one for one in report.neighbours if one.device in lowest]


def said(neighbours: Sequence[lldp.LldpNeighbour]) -> str | None:
    """Return the ports in a few words, e.g. ``leaf2 Ethernet7``."""
    named = dict.fromkeys(f"{one.system} {one.port}" for one in neighbours)
    return cause.listed(list(named), _MOST) or None


def named(
    findings: Sequence[finding_model.Finding], context: base.Context
) -> tuple[list[finding_model.Finding], list[str]]:
    """Name the switch ports that findings are about.

    :returns: the findings, and a note where ports are not known
    """
    about = {
        index: (one.location.host, one.location.device)
        for index, one in enumerate(findings)
        if one.code in _CODES
        and one.location.host is not None
        and one.location.device is not None
        and one.location.netns is None
    }
    reports = read(context, (host for host, _ in about.values() if host))
    enriched = list(findings)
    why: dict[str, set[str]] = {}
    for index, (host, device) in about.items():
        ports = of(context, reports, host or "", device or "")
        if ports:
            enriched[index] = _with_ports(findings[index], ports)
        elif host in reports and reports[host].unavailable is not None:
            why.setdefault(reports[host].unavailable or "", set()).add(host)
    return enriched, [
        f"no switch port is known of {cause.listed(sorted(hosts), 3)}: "
        f"{reason}"
        for reason, hosts in why.items()
    ]


def _with_ports(
    one: finding_model.Finding, ports: Sequence[lldp.LldpNeighbour]
) -> finding_model.Finding:
    parts = []
    for port in ports[:_MOST]:
        of_device = ""
        if port.device != one.location.device:
            of_device = f"of {port.device}"
        age = ""
        if port.gone_for is not None:
            age = f", {_ago(port.gone_for)}"
        parts.append(f"{of_device}: {port.system}, {port.port}{age}")
    told = "; ".join(parts)
    if not told.startswith(":"):
        told = f" {told}"
    return msgspec.structs.replace(
        one,
        location=msgspec.structs.replace(
            one.location, switch_port=said(ports)
        ),
        remedy=f"{one.remedy} (last LLDP neighbour{told})",
    )


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago"
