# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks twice, and compares."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import time
from typing import ClassVar

from steth.checks import base
from steth.checks import bridges
from steth.checks import presence
from steth.checks import snapshots
from steth.checks.host import bonds
from steth.checks.host import clocks
from steth.checks.host import counters
from steth.checks.host import identity
from steth.checks.host import limits
from steth.checks.host import measurements
from steth.checks.host import names
from steth.checks.host import openvswitch
from steth.checks.host import roles
from steth.checks.host import speeds
from steth.checks.host import uplinks
from steth.checks.mesh import cause
from steth.checks.mesh import clones
from steth.checks.mesh import grouping
from steth.checks.mesh import lower
from steth.checks.mesh import matrix
from steth.checks.mesh import segments
from steth.checks.mesh import silence
from steth.checks.mesh import static
from steth.controller import clock
from steth.controller import outcome
from steth.model import bridge
from steth.model import finding
from steth.model import host as host_model
from steth.model import node
from steth.model import report
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: The seconds between the readings of the counters, at least.
_WATCHED = 3.0
#: Rounds in which the clocks are read; the fastest answer counts.
_CLOCK_ROUNDS = 3

_Answers = Mapping[str, outcome.Outcome]


class HostCheck(base.Check):
    """Each host by itself, and against its peers."""

    name: ClassVar[str] = "host"
    summary: ClassVar[str] = (
        "Are the hosts' interfaces, counters, clocks, names and limits as "
        "they should be?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_AGENT,
        contract.INSPECT_BRIDGES,
        contract.INSPECT_HOST,
        contract.INSPECT_NODE,
    )

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ask nothing yet.

        :param pause: waits for so many seconds
        """
        self._pause = pause

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Read the hosts' state, their clocks, and their state again."""
        started = time.monotonic()
        asking = _Asking(context)
        asking.look(self._pause)
        causes = asking.causes()
        findings = tuple(
            cause.to_finding(one, self.name, frozenset(), {}) for one in causes
        )
        asking.explain(causes, findings)
        status, reason = asking.status(findings)
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={
                    "hosts": [
                        measurements.row(one, causes) for one in asking.seen()
                    ]
                },
            ),
            findings=findings,
        )


class _Asking:
    """What one run asks, and what it makes of the answers."""

    def __init__(self, context: base.Context) -> None:
        self._context = context
        self._failures: dict[str, errors.OperationError] = {}
        self._taken: segments.Snapshots = {}
        self._before: _Answers = {}
        self._after: _Answers = {}
        self._nodes: dict[str, node.Node] = {}
        self._bridges: dict[str, bridge.BridgeSnapshot] = {}
        self._bridges_again: dict[str, bridge.BridgeSnapshot] = {}
        self._internal: Mapping[str, lower.Ports] = {}
        self._clocks: dict[str, clock.Reading] = {}
        self._segments: tuple[segments.Segment, ...] = ()

    def look(self, pause: Callable[[float], None]) -> None:
        """Ask for everything.

        :raises base.UsageError: when a host or network does not exist
        """
        taken = snapshots.read(self._context)
        self._failures.update(taken.failures)
        self._taken = taken.snapshots
        self._segments = self._chosen()
        started = time.monotonic()
        # Not what an earlier check of the run has read: what that check sent
        # since may have overflowed a counter.
        self._before = self._ask(
            contract.INSPECT_HOST, requests.InspectHost(all_namespaces=False)
        )
        self._bridges = self._ask_for_bridges(self._taken)
        self._context.bridges.update(self._bridges)
        self._internal = bridges.ports(self._context)
        self._context.progress("comparing clocks")
        self._clocks = clock.readings(
            [
                self._ask(contract.INSPECT_AGENT, requests.InspectAgent())
                for _ in range(_CLOCK_ROUNDS)
            ]
        )
        self._nodes = {
            host: one.data
            for host, one in self._ask(
                contract.INSPECT_NODE,
                requests.InspectNode(
                    names=tuple(self._taken)[: requests.MAX_NAMES]
                ),
                seconds=4.0,
            ).items()
        }
        if self._before:
            self._context.progress("watching the counters of the interfaces")
            pause(max(_WATCHED - (time.monotonic() - started), 0.0))
        self._bridges_again = self._ask_for_bridges(
            host
            for host, one in self._bridges.items()
            if openvswitch.missing(one)
        )
        self._after = self._ask(
            contract.INSPECT_HOST, requests.InspectHost(), seconds=10.0
        )

    def causes(self) -> list[cause.Cause]:
        """Return all that is wrong, each once."""
        found: list[cause.Cause] = []
        alike = roles.of(self._nodes, self._segments, self._context.inventory)
        for segment in self._segments:
            found.extend(static.causes(segment, self._taken, self._internal))
            found.extend(
                speeds.causes(segment, self._taken, alike, self._internal)
            )
        found.extend(identity.causes(self._nodes))
        found.extend(names.causes(self._nodes, self._taken))
        found.extend(names.reverse_causes(self._nodes, self._taken))
        found.extend(bonds.missing_members(self._nodes, alike))
        found.extend(
            clones.causes(self._segments, self._taken, self._context.inventory)
        )
        found.extend(clocks.causes(self._clocks))
        for host, one in self._nodes.items():
            found.extend(bonds.causes(host, one.bonds))
            found.extend(limits.tool_causes(host, one.tools))
            found.extend(limits.program_causes(host, one.neutron_agents))
        for host, again in self._bridges_again.items():
            found.extend(openvswitch.causes(host, self._bridges[host], again))
        for host, after in self._after.items():
            found.extend(limits.causes(after.data, self._peers(host)))
            devices = [one.name for one in self._uplinks(host)]
            for growth in counters.growths(
                self._before[host].data.root,
                after.data.root,
                self._seconds(host),
                devices,
            ):
                found.extend(counters.causes(host, growth))
        found.extend(
            silence.causes(
                self._failures,
                self._segments,
                matrix.Matrix(results={}, reports={}),
                bool(self._taken),
            )
        )
        return cause.merged(found)

    def explain(
        self,
        causes: Iterable[cause.Cause],
        findings: Iterable[finding.Finding],
    ) -> None:
        """Let later checks of the run know what a bad NIC explains."""
        for one, told in zip(causes, findings, strict=True):
            for segment in self._segments:
                if self._is_below(one, segment):
                    pairs = cause.pairs_of(segment, one.host or "")
                    for pair in pairs:
                        self._context.explained.setdefault(pair, told)

    def _is_below(self, one: cause.Cause, segment: segments.Segment) -> bool:
        """Return whether a network's packets pass the device of a cause."""
        member = segment.member(one.host or "")
        if member is None or member.link is None:
            return False
        lowest = lower.lowest(
            member.link,
            self._taken[member.host].root,
            self._internal.get(member.host, lower.NO_PORTS),
        )
        return one.device in {member.link.name, *(x.name for x in lowest)}

    def seen(self) -> list[measurements.Seen]:
        """Return what was learned of each host, and of the silent ones."""
        compared = clock.relative(self._clocks)
        return [
            measurements.Seen(
                host=host,
                uplinks=(
                    tuple(self._uplinks(host)) if host in self._taken else None
                ),
                node=self._nodes.get(host),
                clock=compared.get(host),
                seconds=self._seconds(host) if host in self._after else None,
                whole=host not in self._failures,
            )
            for host in sorted({*self._taken, *self._failures})
        ]

    def status(
        self, findings: tuple[finding.Finding, ...]
    ) -> tuple[report.CheckStatus, str | None]:
        """Judge the check; what was not looked at is never well."""
        severities = {one.severity for one in findings}
        if finding.Severity.CRITICAL in severities:
            return report.CheckStatus.FAILED, None
        reason = self._not_seen()
        if reason is not None:
            return report.CheckStatus.INCONCLUSIVE, reason
        if finding.Severity.WARNING in severities:
            return report.CheckStatus.WARNING, None
        return report.CheckStatus.PASSED, None

    def _not_seen(self) -> str | None:
        if not self._taken:
            return "there is no agent"
        if len(self._taken) == 1:
            return "one host alone has nobody to be compared with"
        unclear = clocks.unclear(self._clocks)
        if unclear:
            return (
                f"answers of {cause.listed(unclear)} took too long to "
                f"compare clocks"
            )
        unread = [
            f"{one.name} on {host} ({one.error})"
            for host, after in self._after.items()
            for one in after.data.namespaces
            if one.error is not None
        ]
        unread += [
            f"sysctl {name} on {host}"
            for host, after in self._after.items()
            for name in limits.unread(after.data)
        ]
        if unread:
            return f"could not read {cause.listed(unread, 2)}"
        return None

    def _ask(
        self,
        operation: contract.Operation,
        request: requests.Request,
        seconds: float = 1.0,
        hosts: Iterable[str] | None = None,
    ) -> dict[str, outcome.Outcome]:
        """Ask all that have answered so far; remember who fails.

        :param hosts: ask these only
        """
        asked = {
            host: request
            for host in (self._taken if hosts is None else hosts)
            if host not in self._failures
        }
        if not asked:
            return {}
        answers = self._context.fleet.ask(operation, asked, seconds=seconds)
        self._failures.update(
            {
                host: one.error
                for host, one in answers.items()
                if one.error is not None
            }
        )
        return {
            host: one for host, one in answers.items() if one.error is None
        }

    def _ask_for_bridges(
        self, hosts: Iterable[str]
    ) -> dict[str, bridge.BridgeSnapshot]:
        answers = self._ask(
            contract.INSPECT_BRIDGES,
            requests.InspectBridges(),
            seconds=5.0,
            hosts=hosts,
        )
        return {host: one.data for host, one in answers.items()}

    def _seconds(self, host: str) -> float:
        """Return the time between the readings of a host's counters."""
        return self._after[host].ended - self._before[host].ended

    def _peers(self, host: str) -> dict[int, int]:
        """Return how many neighbours a host's networks give it."""
        peers: dict[int, int] = {}
        for segment in self._segments:
            if segment.member(host):
                others = len(segment.members) - 1
                peers[segment.family] = peers.get(segment.family, 0) + others
        return peers

    def _uplinks(self, host: str) -> list[host_model.Link]:
        return uplinks.of(
            host,
            self._taken[host].root,
            self._segments,
            self._context.inventory,
            self._internal.get(host, lower.NO_PORTS),
        )

    def _chosen(self) -> tuple[segments.Segment, ...]:
        """Return the networks to look at, with who is on them."""
        built = grouping.build(self._taken, self._context.inventory, {})
        return presence.wanted(
            built, self._context.options.networks, bool(self._taken)
        )
