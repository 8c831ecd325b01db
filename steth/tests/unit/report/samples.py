# SPDX-License-Identifier: Apache-2.0
"""Reports to render."""

from typing import Any

from steth.model import agent
from steth.model import finding
from steth.model import report

BUS = agent.Transport.BUS
DIRECT = agent.Transport.DIRECT
UP = agent.AgentStatus.UP
SILENT = agent.AgentStatus.SILENT


def network(name: str = "mgmt", **changed: Any) -> dict[str, Any]:
    """Return what was measured of a network that is well."""
    return {
        "name": name,
        "cidrs": ["192.0.2.0/24"],
        "hosts": 12,
        "hosts_expected": 12,
        "pairs_ok": 132,
        "pairs": 132,
        "sent": 1320,
        "received": 1320,
        "loss_percent": 0.0,
        "rtt_p50_ms": 0.08,
        "rtt_p99_ms": 0.21,
        "mtu": 1500,
        "status": "passed",
        **changed,
    }


def reported(
    host: str,
    transport: agent.Transport | None = BUS,
    reason: str | None = None,
) -> report.ReportedAgent:
    """Return an agent; without a transport it is silent."""
    return report.ReportedAgent(
        host=host,
        status=UP if transport else SILENT,
        transport=transport,
        version="1.0.0" if transport else None,
        reason=reason,
    )


def no_carrier(**changed: Any) -> finding.Finding:
    """Return a fault."""
    fields: dict[str, Any] = {
        "code": "underlay-no-carrier",
        "severity": finding.Severity.CRITICAL,
        "check": "connectivity",
        "summary": "compute7 reaches no host on tunnel: eth1 has no carrier",
        "location": finding.Location(
            host="compute7", device="eth1", network="tunnel"
        ),
        "affects": ("22 of 132 pairs on tunnel",),
        "evidence": (
            finding.Evidence(
                host="compute7",
                source="link state",
                expected="eth1 up with carrier",
                observed="eth1 up, no carrier",
            ),
        ),
        "remedy": "check cable and switch port of compute7 eth1",
        "confidence": finding.Confidence.CERTAIN,
    }
    return finding.Finding(**(fields | changed))


def of(
    *networks: dict[str, Any],
    findings: tuple[finding.Finding, ...] = (),
    agents: tuple[report.ReportedAgent, ...] = (
        reported("compute1"),
        reported("compute2"),
    ),
    notes: tuple[str, ...] = (),
    status: report.CheckStatus = report.CheckStatus.PASSED,
    reason: str | None = None,
    check: str = "connectivity",
    key: str = "networks",
) -> report.Report:
    """Return a report on networks, or on what the key says."""
    checks = (
        report.CheckResult(
            name=check,
            status=status,
            reason=reason,
            duration=4.2,
            measurements={key: list(networks)} if networks else {},
        ),
    )
    return report.Report(
        command="openstack steth check connectivity",
        started_at="2026-01-02T03:04:05.000+00:00",
        duration=4.2,
        verdict=report.verdict_of(checks, findings),
        agents=agents,
        checks=checks,
        findings=findings,
        notes=notes,
    )
