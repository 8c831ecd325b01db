# SPDX-License-Identifier: Apache-2.0
"""How a cloud is."""

from collections.abc import Mapping

import msgspec

from steth.lab import processes
from steth.lab.cloud import construction
from steth.lab.cloud import layout
from steth.lab.cloud import roles
from steth.lab.cloud import state as state_module


class HostStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is; ``stopped`` names the programs that should run."""

    name: str
    pid: int | None
    address: str
    programs: tuple[str, ...]
    stopped: tuple[str, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a cloud is; ``complete`` says that ``up`` came to its end."""

    shape: layout.Shape
    complete: bool
    hosts: tuple[HostStatus, ...]


def read(
    state: state_module.State,
    inits: Mapping[str, processes.Process],
    builder: construction.Builder,
) -> Status:
    """Return how a cloud is.

    :param inits: the first process of each host that is up, by name
    """
    stopped = builder.stopped(inits)
    found = []
    for host in layout.hosts(state.shape):
        role = roles.of(host, state.shape)
        names = tuple(one.name for one in role.programs) if role else ()
        up = host.name in inits
        found.append(
            HostStatus(
                name=host.name,
                pid=inits[host.name].pid if up else None,
                address=host.addresses[0],
                programs=names,
                stopped=tuple(stopped.get(host.name, ())) if up else names,
            )
        )
    return Status(
        shape=state.shape, complete=state.complete, hosts=tuple(found)
    )
