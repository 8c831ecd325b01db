# SPDX-License-Identifier: Apache-2.0
"""The state of the hosts, asked for once a run and shared by its checks."""

import msgspec

from steth.checks import base
from steth.model import agent
from steth.model import host
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshots of the wanted hosts, and why the others gave none."""

    snapshots: dict[str, host.HostSnapshot]
    failures: dict[str, errors.OperationError]


def read(context: base.Context) -> Taken:
    """Return the state of the hosts that the user wants checked.

    Only the host's own network namespace is in it. What an earlier check of
    the run has read is not asked for again: who compares counters over time
    asks for ``inspect.host`` itself.

    :raises base.UsageError: when a wanted host has no known agent
    """
    fleet, wanted = context.fleet, context.options.hosts
    known = {one.host for one in fleet.agents}
    strangers = [one for one in wanted if one not in known]
    if strangers:
        raise base.UsageError(
            f"no agent is known on {', '.join(strangers)}; known are: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    asked: dict[str, requests.Request] = {}
    failures: dict[str, errors.OperationError] = {}
    snapshots: dict[str, host.HostSnapshot] = {}
    for row in fleet.agents:
        if wanted and row.host not in wanted:
            continue
        if row.status is not agent.AgentStatus.UP:
            failures[row.host] = errors.OperationError(
                errors.ErrorCode.NO_ANSWER,
                row.reason or "no answer on bus or 9698",
            )
        elif row.host in context.taken:
            snapshots[row.host] = context.taken[row.host]
        else:
            asked[row.host] = requests.InspectHost(all_namespaces=False)
    if asked:
        context.progress(f"reading the state of {len(asked)} hosts")
        answers = fleet.ask(contract.INSPECT_HOST, asked, seconds=1.0)
        for name, one in answers.items():
            if one.error is not None:
                failures[name] = one.error
            else:
                snapshots[name] = context.taken[name] = one.data
    return Taken(snapshots=snapshots, failures=failures)
