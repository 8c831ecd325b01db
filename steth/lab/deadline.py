# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, not for a time."""

from collections.abc import Callable
import time

_INTERVAL = 0.05


def until(condition: Callable[[], bool], timeout: float) -> bool:
    """Return whether the condition became true within so many seconds."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_INTERVAL)
    return True
