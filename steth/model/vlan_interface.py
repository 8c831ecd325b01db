# SPDX-License-Identifier: Apache-2.0
"""An interface that is there for a while."""

import msgspec

from steth.model import task as task_model


class VlanInterface(msgspec.Struct, frozen=True, kw_only=True):
    """A temporary interface ``name`` for a VLAN of ``interface``.

    It is gone when the lease of the ``task`` ends.
    """

    name: str
    interface: str
    vlan: int
    cidr: str | None = None
    task: task_model.TaskInfo
