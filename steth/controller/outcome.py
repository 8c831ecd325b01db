# SPDX-License-Identifier: Apache-2.0
"""What came of asking one agent for one operation."""

from typing import Any

import msgspec

from steth.model import agent
from steth.rpc import errors


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or the error that stands in its place.

    ``data`` is of the operation's reply type. Exactly one of ``data`` and
    ``error`` is set. ``elapsed`` is in seconds. ``ended`` is when it came, by
    the monotonic clock of the controller: it was asked ``elapsed`` before.
    """

    host: str
    data: Any = None
    error: errors.OperationError | None = None
    transport: agent.Transport | None = None
    elapsed: float = 0.0
    ended: float = 0.0
