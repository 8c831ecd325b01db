# SPDX-License-Identifier: Apache-2.0
"""How much has to pass between two hosts, and who says so."""

from collections.abc import Mapping
import enum
import statistics

import msgspec

from steth.checks.mesh import cause
from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import host as host_model
from steth.model import inventory
from steth.model import throughput

#: The share of the slower NIC's speed that has to pass. One TCP stream with
#: packets of 1500 bytes fills 95 % of a link that is its own.
_OF_SPEED = 0.5
#: Where nothing else is known: the share of what usually passes.
_OF_USUAL = 0.25
#: The share of a rate asked for that has to arrive.
_OF_RATE = 0.95
#: From this share of one core on, it is the processor that is the limit.
_BUSY_CPU = 90.0


class Basis(enum.StrEnum):
    """Who says how much has to pass."""

    CONFIGURATION = "configured minimum"
    SPEED = "half of the speed of the slower NIC"
    USUAL = "a quarter of what passes between most hosts"


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What has to pass, in Mbit/s."""

    mbits: float
    basis: Basis

    def __str__(self) -> str:
        return f"{self.mbits:.0f} Mbit/s ({self.basis})"


Reports = Mapping[cause.Pair, throughput.ThroughputReport]


def mbits(report: throughput.ThroughputReport) -> float:
    """Return what arrived, in Mbit/s."""
    return report.bits_per_second / 1e6


class Requirements:
    """What has to pass between any two hosts of a network.

    :param network: as the configuration has it, if it has it
    :param reports: what was measured on it
    :param rate: what was sent at most, in Mbit/s
    :param internal: what the hosts' internal ports lead to
    """

    def __init__(
        self,
        segment: segments.Segment,
        snapshots: segments.Snapshots,
        network: inventory.ExpectedNetwork | None,
        reports: Reports,
        rate: float | None,
        internal: Mapping[str, lower.Ports],
    ) -> None:
        self._minimum = network.minimum_bandwidth if network else None
        self._speeds = {
            one.host: link_speed(
                snapshots[one.host].root,
                one.link,
                internal.get(one.host, lower.NO_PORTS),
            )
            for one in segment.members
            if one.link is not None and one.host in snapshots
        }
        self._usual = None
        if len(reports) > 2:
            self._usual = statistics.median(map(mbits, reports.values()))
        self._rate = rate

    def of(self, pair: cause.Pair) -> Requirement | None:
        """Return what has to pass from one host to another."""
        found = self._unlimited(pair)
        if found is None or self._rate is None:
            return found
        return msgspec.structs.replace(
            found, mbits=min(found.mbits, _OF_RATE * self._rate)
        )

    def _unlimited(self, pair: cause.Pair) -> Requirement | None:
        if self._minimum is not None:
            return Requirement(mbits=self._minimum, basis=Basis.CONFIGURATION)
        speeds = [self._speeds.get(pair.source), self._speeds.get(pair.target)]
        known = [one for one in speeds if one is not None]
        if len(known) == 2:
            return Requirement(mbits=_OF_SPEED * min(known), basis=Basis.SPEED)
        if self._usual is None:
            return None
        return Requirement(mbits=_OF_USUAL * self._usual, basis=Basis.USUAL)

    def short(self, reports: Reports) -> frozenset[cause.Pair]:
        """Return the pairs between which less passes than has to.

        Where only the processor keeps a pair from what its NICs could do,
        nothing is wrong with the network.
        """
        found = set()
        for pair, report in reports.items():
            needed = self.of(pair)
            if needed is None or mbits(report) >= needed.mbits:
                continue
            if needed.basis is Basis.CONFIGURATION or not _is_busy(report):
                found.add(pair)
        return frozenset(found)


def _is_busy(report: throughput.ThroughputReport) -> bool:
    used = (report.cpu_percent or 0.0, report.remote_cpu_percent or 0.0)
    return max(used) >= _BUSY_CPU


def link_speed(
    namespace: host_model.Namespace,
    link: host_model.Link,
    internal: lower.Ports = lower.NO_PORTS,
) -> int | None:
    """Return the speed in Mbit/s that one connection over a link can have.

    It is that of the NIC below a VLAN or bridge, and of the slowest member
    of a bond, since a connection stays on one member. ``None`` where nothing
    tells: the kernel gives virtual links, as veth, a nominal speed.

    :param internal: what the host's internal ports lead to
    """
    if link.kind is None:
        return link.speed
    if link.kind == "vlan" and link.parent:
        parent = namespace.link(link.parent)
        return link_speed(namespace, parent, internal) if parent else None
    if link.kind not in ("bond", "bridge") and link.name not in internal:
        return None
    ports = [
        speed
        for one in lower.directly(link, namespace, internal)
        if one.kind in (None, "bond", "vlan")
        and (speed := link_speed(namespace, one, internal)) is not None
    ]
    return min(ports, default=None)
