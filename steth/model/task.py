# SPDX-License-Identifier: Apache-2.0
"""What an agent does beyond the call that started it."""

import msgspec


class TaskInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A task of an agent, at the time of the reply.

    ``kind`` is the operation that started it, ``detail`` says for people
    what it is about. ``started_at`` and ``lease_end`` are UTC in ISO 8601 by
    the agent's clock; ``remaining`` are the seconds until the lease ends,
    which hold also where the clocks of agent and caller differ. Unless the
    lease is renewed by then, the agent undoes the task.
    """

    id: str
    kind: str
    detail: str
    started_at: str
    lease_end: str
    remaining: float


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``task.list``, the oldest task first."""

    tasks: tuple[TaskInfo, ...]
