# SPDX-License-Identifier: Apache-2.0
"""How a lab is."""

import msgspec

from steth.lab import agents
from steth.lab import layout
from steth.lab import state


class HostStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is; ``agent`` is ``None`` where there is none to be."""

    name: str
    pid: int | None
    addresses: tuple[str, ...]
    agent: agents.Condition | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a lab is.

    ``complete`` says that ``up`` came to its end; ``broker`` whether one
    listens, ``None`` where there is none to be.
    """

    shape: layout.Shape
    complete: bool
    switch_pid: int | None
    hosts: tuple[HostStatus, ...]
    broker: bool | None
    faults: tuple[state.Injection, ...]
