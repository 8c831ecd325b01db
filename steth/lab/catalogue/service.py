# SPDX-License-Identifier: Apache-2.0
"""Faults of agents and of their message broker."""

from steth.lab import faults
from steth.lab.catalogue import steps


def _agent(inject: str, heal: str) -> faults.Step:
    return faults.Step(
        place=faults.Place.HOST,
        tool=faults.Tool.AGENT,
        inject=inject,
        heal=heal,
    )


def _broker(inject: str, heal: str) -> faults.Step:
    return faults.Step(
        place=faults.Place.HOST,
        tool=faults.Tool.BROKER,
        inject=inject,
        heal=heal,
    )


FAULTS = (
    faults.Fault(
        name="agent-stopped",
        summary="the host's agent was killed",
        finding="agent-no-answer",
        scope=faults.Scope.HOST,
        need=faults.Need.AGENTS,
        steps=(_agent("kill", "start"),),
    ),
    faults.Fault(
        name="agent-frozen",
        summary="the host's agent hangs: connections are taken, not served",
        finding="agent-no-answer",
        scope=faults.Scope.HOST,
        need=faults.Need.AGENTS,
        steps=(_agent("freeze", "thaw"),),
    ),
    faults.Fault(
        name="broker-stopped",
        summary="the message broker is down",
        finding=None,
        need=faults.Need.BROKER,
        scope=faults.Scope.LAB,
        steps=(_broker("stop", "start"),),
    ),
    faults.Fault(
        name="bus-refused",
        summary="the host's connections to the broker are refused",
        finding=None,
        need=faults.Need.BROKER,
        scope=faults.Scope.HOST,
        steps=(
            # Both ways, so that agent and broker see an open connection
            # end as soon as either uses it.
            steps.firewall(
                "output", "tcp dport {broker_port} reject with tcp reset"
            ),
            steps.firewall(
                "input", "tcp sport {broker_port} reject with tcp reset"
            ),
        ),
    ),
)
