# SPDX-License-Identifier: Apache-2.0
"""What the hosts' internal ports of Open vSwitch lead to, asked on demand."""

from collections.abc import Iterable

from steth.checks import base
from steth.checks.mesh import lower
from steth.model import agent
from steth.rpc import contract
from steth.rpc import requests


def read(context: base.Context, hosts: Iterable[str]) -> None:
    """Ask for the bridges of hosts, and remember them for the run.

    Those that were read before are not asked for again. Of a host whose
    agent is silent or has no such operation nothing is known.
    """
    operation = contract.INSPECT_BRIDGES
    wanted = set(hosts)
    asked: dict[str, requests.Request] = {
        one.host: requests.InspectBridges()
        for one in context.fleet.agents
        if one.host in wanted - context.bridges.keys()
        and one.status is agent.AgentStatus.UP
        and operation.name in one.operations
    }
    if not asked:
        return
    answers = context.fleet.ask(operation, asked, seconds=5.0)
    for host, one in answers.items():
        if one.error is None:
            context.bridges[host] = one.data


def ports(context: base.Context) -> dict[str, lower.Ports]:
    """Return by host what is known of its internal ports."""
    return {host: lower.ports(one) for host, one in context.bridges.items()}
