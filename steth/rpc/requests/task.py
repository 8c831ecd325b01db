# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations on tasks, and what starts one."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: The longest lease, in seconds. A task that takes longer is renewed.
MAX_LEASE = 600.0

Lease = Annotated[float, msgspec.Meta(ge=0.5, le=MAX_LEASE)]
TaskId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """How a caller holds an operation that goes on for as long as its call.

    The operation is a task under the ``id`` that its caller chose, from the
    beginning to the end of the call, so that it ends with the ``lease`` when
    its caller is gone. This goes with the call, not among the arguments of
    the operation: an agent that does not know it passes over it.
    """

    id: TaskId
    lease: Lease


class TaskList(base.Request, frozen=True, kw_only=True):
    """``task.list`` takes nothing."""


class TaskRenew(base.Request, frozen=True, kw_only=True):
    """The task shall live for ``lease`` more seconds from now."""

    id: TaskId
    lease: Lease = 60.0


class TaskStop(base.Request, frozen=True, kw_only=True):
    """Undo the task now."""

    id: TaskId
