# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and hands what came back to the analysis."""

from collections.abc import Mapping
from collections.abc import Sequence
import secrets
import time
from typing import Any
from typing import ClassVar

from steth.checks import base
from steth.checks import snapshots
from steth.checks import switch_ports
from steth.checks.mesh import cause
from steth.checks.mesh import matrix
from steth.checks.mesh import silence
from steth.checks.vlan import analysis
from steth.checks.vlan import hearing as hearing_module
from steth.checks.vlan import ports as ports_module
from steth.checks.vlan import trunk as trunk_module
from steth.model import finding
from steth.model import inventory
from steth.model import report
from steth.model import vlan_range
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests

#: Frames per second that a host sends, and that one hears of all others: so
#: many that its listener keeps up with them on a busy node.
_SENT_RATE = 1000
_HEARD_RATE = 15_000
#: Rounds of the second pass, over what did not arrive in the first, and its
#: rate; it takes so many seconds at least. What a loaded switch dropped by
#: chance is not a missing VLAN.
_SECOND_ROUNDS = 2
_SECOND_RATE = 500
_SECOND_LEAST = 0.5
#: Seconds that an agent listens beyond what sending takes; it ends sooner.
_SLACK = 10.0
#: What is planned to be sent in one go, in seconds: it may take twice as long
#: until an agent would end by itself to listen.
_LONGEST = (requests.MAX_VLAN_SECONDS - _SLACK) / 2


class VlanCheck(base.Check):
    """Every host sends on every VLAN, while all others listen."""

    name: ClassVar[str] = analysis.CHECK
    summary: ClassVar[str] = (
        "Are the expected VLANs trunked to all hosts, and their native "
        "VLANs the same?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_VLAN_LISTEN,
        contract.PROBE_VLAN_SEND,
        contract.PROBE_VLAN_HEARD,
    )

    def __init__(self) -> None:
        self._known: inventory.Inventory | None = None

    def nothing_to_check(self, context: base.Context) -> str | None:
        """Return that nobody speaks of a trunk, if so."""
        return trunk_module.nothing_configured(
            context.options, context.inventory, context.vlans
        )

    def unmet(self, context: base.Context) -> str | None:
        """Return why it cannot be run: nothing says what to try."""
        return super().unmet(context) or trunk_module.unmet(
            context.options, self._expected(context)
        )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' links, then let all listen and send."""
        return _Run(context, self._expected(context)).outcome()

    def _expected(self, context: base.Context) -> inventory.Inventory:
        """Return the inventory; the cloud is asked at most once."""
        if self._known is None:
            self._known = trunk_module.completed(
                context.options, context.inventory, context.vlans
            )
        return self._known


class _Run:
    """One run of the check, with what it has learned so far."""

    def __init__(
        self, context: base.Context, known: inventory.Inventory
    ) -> None:
        self._context = context
        self._known = known
        self._failures: dict[str, errors.OperationError] = {}
        self._findings: list[finding.Finding] = []
        self._rows: list[dict[str, Any]] = []
        self._doubts: list[str] = []

    def outcome(self) -> base.CheckOutcome:
        """Return what the check brought."""
        started = time.monotonic()
        trunks = trunk_module.chosen(
            self._context.options,
            self._known,
            [one.host for one in self._context.fleet.agents],
        )
        taken = snapshots.read(self._context)
        self._failures.update(taken.failures)
        for one in trunks:
            ports = ports_module.look(one, taken.snapshots)
            heard = self._heard(one, ports.able)
            findings = [*ports.findings, *analysis.findings(one, heard)]
            self._findings += findings
            self._rows += self._with_switch_ports(
                rows(one, ports.able, heard, findings)
            )
        failed = silence.causes(
            self._failures,
            (),
            matrix.Matrix(results={}, reports={}),
            bool(taken.snapshots),
        )
        self._findings += [
            cause.to_finding(one, analysis.CHECK, frozenset(), {})
            for one in failed
        ]
        status, reason = self._status()
        return base.CheckOutcome(
            result=report.CheckResult(
                name=analysis.CHECK,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={"trunks": self._rows},
            ),
            findings=tuple(self._findings),
        )

    def _with_switch_ports(
        self, found: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Add to the rows of hosts what their interfaces are plugged into."""
        reports = switch_ports.read(
            self._context, (row["host"] for row in found)
        )
        return [
            {
                **row,
                "switch_port": switch_ports.said(
                    switch_ports.of(
                        self._context, reports, row["host"], row["interface"]
                    )
                ),
            }
            for row in found
        ]

    def _heard(
        self, trunk: trunk_module.Trunk, able: Mapping[str, str]
    ) -> hearing_module.Hearing:
        """Try all VLANs, and once more those that did not pass."""
        every = frozenset(trunk.vlans)
        heard = self._pass(
            trunk, able, dict.fromkeys(able, every), 1, _SENT_RATE
        )
        again = (
            dict.fromkeys(able, every)
            if heard.lost
            else heard.unheard_of(every)
        )
        if again:
            most = max(len(one) for one in again.values())
            second = self._pass(
                trunk,
                able,
                again,
                _SECOND_ROUNDS,
                min(_SECOND_RATE, int(most * _SECOND_ROUNDS / _SECOND_LEAST)),
            )
            heard = hearing_module.updated(heard, second, again)
        if heard.lost:
            self._doubts.append(
                f"{cause.listed(sorted(heard.lost))} lost frames that arrived"
            )
        if len(heard.senders) < 2 or not heard.ways:
            self._doubts.append(f"fewer than two hosts on {trunk.name}")
        return heard

    def _pass(
        self,
        trunk: trunk_module.Trunk,
        able: Mapping[str, str],
        vlans: Mapping[str, frozenset[int]],
        rounds: int,
        rate: int,
    ) -> hearing_module.Hearing:
        """Let hosts send, in as many parts as it takes; return what came.

        The more hosts there are, the slower each may send.

        :param able: the interfaces, by host
        :param vlans: what each host sends on; one that is not in it listens
        """
        hosts = [host for host in sorted(able) if host not in self._failures]
        rate = max(10, min(rate, _HEARD_RATE // max(1, len(hosts) - 1)))
        every = sorted(frozenset[int]().union(*vlans.values()))
        # One frame more is without a tag.
        size = int(_LONGEST * rate / rounds) - 1
        heard: hearing_module.Hearing | None = None
        for at in range(0, len(every), size):
            part = {
                host: wanted
                for host, of_host in vlans.items()
                if (wanted := of_host.intersection(every[at : at + size]))
            }
            found = self._part(trunk, able, part, rounds, rate)
            heard = (
                hearing_module.joined(heard, found, part) if heard else found
            )
        return heard or hearing_module.build((), {}, {})

    def _part(
        self,
        trunk: trunk_module.Trunk,
        able: Mapping[str, str],
        vlans: Mapping[str, frozenset[int]],
        rounds: int,
        rate: int,
    ) -> hearing_module.Hearing:
        """Let hosts send once all listen; return what they heard."""
        hosts = [host for host in sorted(able) if host not in self._failures]
        if len(hosts) < 2:
            return hearing_module.build((), {}, {})
        run = secrets.randbits(32) or 1
        most = max(len(one) for one in vlans.values())
        seconds = (most + 1) * rounds / rate
        self._context.progress(
            f"{most} VLANs of {trunk.name} on {len(hosts)} hosts"
        )
        listening = self._ask(
            contract.PROBE_VLAN_LISTEN,
            {
                host: requests.VlanListen(
                    interface=able[host],
                    run=run,
                    index=index,
                    hosts=len(hosts),
                    seconds=min(
                        2 * seconds + _SLACK, requests.MAX_VLAN_SECONDS
                    ),
                )
                for index, host in enumerate(hosts)
            },
            1.0,
        )
        sent = self._ask(
            contract.PROBE_VLAN_SEND,
            {
                host: requests.VlanSend(
                    interface=able[host],
                    run=run,
                    index=index,
                    vlans=vlan_range.compact(vlans[host]),
                    rounds=rounds,
                    rate=rate,
                )
                for index, host in enumerate(hosts)
                if host in listening and host in vlans
            },
            1.5 * seconds + 1.0,
        )
        for host, one in sent.items():
            if one.refused:
                self._failures[host] = errors.OperationError(
                    errors.ErrorCode.FAILED,
                    f"{able[host]} did not take {one.refused} of "
                    f"{one.refused + one.sent} frames: {one.reason}",
                )
        reports = self._ask(
            contract.PROBE_VLAN_HEARD,
            {host: requests.VlanHeard(run=run) for host in listening},
            4.0,
        )
        return hearing_module.build(hosts, sent, reports)

    def _ask(
        self,
        operation: contract.Operation,
        asked: Mapping[str, requests.Request],
        seconds: float,
    ) -> dict[str, Any]:
        """Ask agents; remember who failed and return the others' data."""
        if not asked:
            return {}
        data = {}
        answers = self._context.fleet.ask(operation, asked, seconds=seconds)
        for host, one in answers.items():
            if one.error is None:
                data[host] = one.data
            else:
                self._failures.setdefault(host, one.error)
        return data

    def _status(self) -> tuple[report.CheckStatus, str | None]:
        """Judge the check; what was not looked at is never well."""
        severities = {one.severity for one in self._findings}
        if finding.Severity.CRITICAL in severities:
            return report.CheckStatus.FAILED, None
        doubts = list(self._doubts)
        if self._failures:
            hosts = cause.listed(sorted(self._failures))
            doubts.append(f"{hosts} could not be asked")
        if doubts:
            return report.CheckStatus.INCONCLUSIVE, "; ".join(doubts)
        return report.CheckStatus.PASSED, None


def rows(
    trunk: trunk_module.Trunk,
    able: Mapping[str, str],
    heard: hearing_module.Hearing,
    findings: Sequence[finding.Finding],
) -> list[dict[str, Any]]:
    """Return a row for each host on a trunk: plain data for the report.

    ``passed`` are the expected VLANs on which it heard or was heard.
    """
    faulty = {one.location.host: one for one in findings}
    expected = frozenset(trunk.vlans)
    found = []
    for host in sorted({*able, *(one for one in faulty if one)}):
        passed = heard.carried(host) & expected
        took_part = host in heard.senders | heard.receivers
        missing = expected - passed if took_part else frozenset()
        if host in faulty or missing:
            status = "failed"
        elif host in heard.lost or not took_part:
            status = "inconclusive"
        else:
            status = "passed"
        found.append(
            {
                "physical_network": trunk.name,
                "host": host,
                "interface": trunk.interface(host),
                "passed": vlan_range.compact(passed),
                "missing": vlan_range.compact(missing),
                "frames_sent": heard.sent.get(host, 0),
                "frames_heard": heard.frames.get(host, 0),
                "frames_lost": heard.lost.get(host, 0),
                "status": status,
            }
        )
    return found
