# SPDX-License-Identifier: Apache-2.0
"""What an agent says of itself, and what the controller knows of it."""

import enum

import msgspec


class AgentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's own account of itself.

    ``time`` is the host's clock in seconds since the epoch; ``uptime``, in
    seconds, is the agent's. ``operations`` are full names ("probe.icmp").
    ``address`` is where its direct listener can be reached; it is told on the
    bus only, and ``None`` where the agent does not know.
    """

    host: str
    version: str
    contract: str
    operations: tuple[str, ...]
    time: float
    uptime: float
    address: str | None = None


class Transport(enum.StrEnum):
    """The way an agent was reached."""

    BUS = "bus"
    DIRECT = "direct"


class AgentStatus(enum.StrEnum):
    """What came of asking an agent."""

    UP = "up"
    SILENT = "silent"
    REFUSED = "refused"


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent in a report: found, or expected and silent.

    ``address`` is where its direct listener is expected, by the configuration
    or by what the agent said of itself; ``reason`` says why
    it is not ``up``, or why it was not reached in the preferred way.
    """

    host: str
    status: AgentStatus
    transport: Transport | None = None
    version: str | None = None
    address: str | None = None
    expected_by: tuple[str, ...] = ()
    uptime: float | None = None
    operations: tuple[str, ...] = ()
    reason: str | None = None
