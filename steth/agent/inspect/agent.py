# SPDX-License-Identifier: Apache-2.0
"""The agent's account of itself."""

import time

from steth import version
from steth.model import agent
from steth.rpc import contract

_STARTED = time.monotonic()
_VERSION = version.version_string()


def describe(host: str, address: str | None = None) -> agent.AgentInfo:
    """Return who this agent is and what it can do.

    :param address: where its direct listener can be reached
    """
    return agent.AgentInfo(
        host=host,
        version=_VERSION,
        contract=contract.VERSION,
        operations=tuple(sorted(contract.OPERATIONS)),
        time=time.time(),
        uptime=time.monotonic() - _STARTED,
        address=address,
    )
