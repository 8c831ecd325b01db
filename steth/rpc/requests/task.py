# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations on tasks, and of all that start one."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: The longest lease, in seconds. A task that takes longer is renewed.
MAX_LEASE = 600.0

Lease = Annotated[float, msgspec.Meta(ge=0.5, le=MAX_LEASE)]
TaskId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]


class TaskList(base.Request, frozen=True, kw_only=True):
    """``task.list`` takes nothing."""


class TaskRenew(base.Request, frozen=True, kw_only=True):
    """The task shall live for ``lease`` more seconds from now."""

    id: TaskId
    lease: Lease = 60.0


class TaskStop(base.Request, frozen=True, kw_only=True):
    """Undo the task now."""

    id: TaskId
