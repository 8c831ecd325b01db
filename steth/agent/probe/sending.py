# SPDX-License-Identifier: Apache-2.0
"""Sending many frames in privileged calls that last short."""

from collections.abc import Callable
import time
from typing import NamedTuple

from steth.agent.probe import privilege
from steth.rpc import errors

#: Seconds of sending that one call is asked for: after that long it is looked
#: whether to go on.
PART = 0.4
#: Seconds that all may take longer than planned, by an interface that is slow
#: to take frames.
_GRACE = 2.0
_CATCH_UP = 0.02

#: Sends frames, from the one of that number on; returns how many it has come
#: to, how many of these were refused, and why it was no better, as
#: ``privileged.outlet.Progress`` has it.
SendFrom = Callable[[int], tuple[int, int, str | None]]


class Sent(NamedTuple):
    """What became of all frames; ``duration`` is in seconds."""

    sent: int
    refused: int
    reason: str | None
    duration: float


def send(
    name: str,
    total: int,
    interval: float,
    send_from: SendFrom,
    cancelled: privilege.Signal,
) -> Sent:
    """Send frames, until all have left or the time for it is over.

    What has not left then counts as refused.

    :param name: of the operation, for its errors
    :param interval: seconds between two frames
    :param cancelled: once it is set, the sending ends within half a second
    :raises errors.OperationError: ``failed``, when it was ended early
    """
    began = due = time.monotonic()
    allowed = total * interval + _GRACE
    done, refused, reason = 0, 0, None
    late: str | None = None
    while done < total:
        if cancelled.wait(max(0.0, due - time.monotonic())):
            raise errors.OperationError(
                errors.ErrorCode.FAILED,
                f"{name}: the agent is stopping and has ended it after "
                f"{done} frames",
            )
        now = time.monotonic()
        if now - began > allowed:
            over = f"its {allowed:.0f} s are over"
            reason = f"{late}, and {over}" if late else over
            refused += total - done
            break
        done_now, refused_now, late = send_from(done)
        # No burst follows a stall.
        due = max(due, now - _CATCH_UP) + done_now * interval
        done += done_now
        refused += refused_now
        reason = late if refused_now else reason
    return Sent(total - refused, refused, reason, time.monotonic() - began)
