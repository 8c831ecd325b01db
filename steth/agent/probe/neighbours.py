# SPDX-License-Identifier: Apache-2.0
"""``probe.neighbours``: who has addresses, asked on the wire."""

import msgspec

from steth.agent.privileged import neighbours as privileged_neighbours
from steth.agent.probe import privilege
from steth.model import neighbours as neighbours_model
from steth.rpc import requests

NAME = "probe.neighbours"
#: Questions per second: each goes to all hosts of a network.
_RATE = 200


def probe(
    request: requests.ProbeNeighbours,
    max_packet_rate: int,
    cancelled: privilege.Signal | None = None,
) -> neighbours_model.NeighbourReport:
    """Ask for the addresses of a request, and say who answers for them.

    :param max_packet_rate: packets per second that this agent sends at most
    :param cancelled: once it is set, the probe ends within half a second
    :raises errors.OperationError: ``failed`` when an interface cannot be
        used, or the agent was told to end
    """
    found = privilege.run(
        NAME,
        ", ".join(sorted({one.interface for one in request.neighbours})),
        "packet",
        lambda token, agent: privileged_neighbours.run(
            msgspec.to_builtins(request),
            min(_RATE, max_packet_rate),
            token,
            agent,
        ),
        cancelled,
    )
    return msgspec.convert(found, neighbours_model.NeighbourReport)
