# SPDX-License-Identifier: Apache-2.0
"""``probe.multicast``: whom a host hears in a group."""

import msgspec

from steth.agent.privileged import multicast as privileged_multicast
from steth.agent.probe import privilege
from steth.model import multicast as multicast_model
from steth.rpc import requests

NAME = "probe.multicast"


def probe(
    request: requests.ProbeMulticast,
    cancelled: privilege.Signal | None = None,
) -> multicast_model.MulticastReport:
    """Join the group of a request, send to it, and say who was heard.

    :param cancelled: once it is set, the probe ends within half a second
    :raises errors.OperationError: ``failed`` when the group cannot be
        joined, or the agent was told to end
    """
    found = privilege.run(
        NAME,
        ", ".join(sorted({one.interface for one in request.places})),
        "packet",
        lambda token, agent: privileged_multicast.run(
            msgspec.to_builtins(request), token, agent
        ),
        cancelled,
    )
    return msgspec.convert(found, multicast_model.MulticastReport)
