# SPDX-License-Identifier: Apache-2.0
"""The check itself: a survey, and rounds of many sizes where it needs them."""

import secrets
import time
from typing import ClassVar

from steth.checks import base
from steth.checks.mesh import silence
from steth.checks.mesh import survey
from steth.checks.mtu import ladder
from steth.checks.mtu import measurements
from steth.checks.mtu import needs
from steth.model import overlay
from steth.model import probe
from steth.model import report
from steth.rpc import contract

#: Rounds after which a size is taken as it is: more than are needed unless
#: agents fail on the way.
_ROUNDS = 5


class MtuCheck(base.Check):
    """The path MTU of every pair, against what is needed."""

    name: ClassVar[str] = "mtu"
    summary: ClassVar[str] = (
        "How large a packet passes between the hosts, and is that enough?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Send what is needed, then look for the largest that passes."""
        started = time.monotonic()
        seen = survey.Survey(context, self.name, latency=False)
        seen.look()
        silent = set(seen.failures)
        paths = self._measured(context, seen)
        seen.causes = measurements.with_sizes(seen.causes, paths)
        seen.causes += silence.causes(
            {
                host: error
                for host, error in seen.failures.items()
                if host not in silent
            },
            seen.segments,
            seen.last,
            anybody=True,
        )
        told = context.overlay() if context.overlay else None
        told = told or overlay.Overlay()
        needed = needs.of(seen.segments, told)
        seen.causes += needs.causes(needed, told, seen.segments, paths)
        findings = seen.findings()
        status, reason = seen.status(findings)
        if (
            status is report.CheckStatus.PASSED
            and told.networks
            and not needed
            and not context.options.networks
        ):
            status = report.CheckStatus.INCONCLUSIVE
            reason = (
                "Neutron has tunnelled networks, and nothing tells on which "
                "network the tunnels are: call it 'tunnel' in the "
                "configuration"
            )
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={
                    "networks": [
                        measurements.row(
                            one, needed.get(one.name), paths, seen.causes
                        )
                        for one in seen.segments
                    ]
                },
            ),
            findings=findings,
        )

    def _measured(
        self, context: base.Context, seen: survey.Survey
    ) -> ladder.Paths:
        paths = ladder.start(seen.segments, seen.last)
        lossy = any(
            0 < one.received < one.sent for one in seen.last.results.values()
        )
        mark = secrets.randbits(32)
        for number in range(_ROUNDS):
            planned = ladder.next_round(
                {
                    pair: path
                    for pair, path in paths.items()
                    if pair.source not in seen.failures
                },
                number=number,
                lossy=lossy,
                run=mark,
            )
            if planned is None:
                break
            context.progress(
                f"looking for the largest packet that passes, round "
                f"{number + 1}"
            )
            reports: dict[str, probe.IcmpReport] = seen.ask(
                contract.PROBE_ICMP, planned.requests, planned.seconds
            )
            paths = ladder.learned(paths, planned, reports)
        return paths
