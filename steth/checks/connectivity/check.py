# SPDX-License-Identifier: Apache-2.0
"""The check itself: asks, and tells what the survey found."""

import time
from typing import ClassVar

from steth.checks import base
from steth.checks.connectivity import measurements
from steth.checks.mesh import survey
from steth.model import report
from steth.rpc import contract


class ConnectivityCheck(base.Check):
    """Every host to every host, on every network, at both sizes."""

    name: ClassVar[str] = "connectivity"
    summary: ClassVar[str] = (
        "Can all hosts reach each other, on every network, at full packet "
        "size?"
    )
    operations: ClassVar[tuple[contract.Operation, ...]] = (
        contract.INSPECT_HOST,
        contract.PROBE_ICMP,
    )

    def run(self, context: base.Context) -> base.CheckOutcome:
        """Ask for the hosts' state, then ping, then ping watched."""
        started = time.monotonic()
        seen = survey.Survey(context, self.name, latency=True)
        seen.look()
        findings = seen.findings()
        status, reason = seen.status(findings)
        return base.CheckOutcome(
            result=report.CheckResult(
                name=self.name,
                status=status,
                reason=reason,
                duration=round(time.monotonic() - started, 3),
                measurements={
                    "networks": [
                        measurements.row(
                            one, seen.first, seen.last, seen.causes
                        )
                        for one in seen.segments
                    ]
                },
            ),
            findings=findings,
        )
