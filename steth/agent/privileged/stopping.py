# SPDX-License-Identifier: Apache-2.0
"""Ending what runs with privileges before it is through.

It ends with the agent in any case, and earlier when the agent asks for it.
"""

import contextlib
import os
import select
import threading

from steth.agent.privileged import contexts

_lock = threading.Lock()
#: What wakes those that run, by the token their caller chose.
_wakers: dict[int, int] = {}


@contexts.probe.entrypoint
def cancel(token: int) -> None:
    """End the probe of that token soon; one that is not there is no error."""
    _cancel(token)


@contexts.namespace_probe.entrypoint
def cancel_inside(token: int) -> None:
    """Do so where probes run in other network namespaces."""
    _cancel(token)


def _cancel(token: int) -> None:
    with _lock:
        if token in _wakers:
            os.eventfd_write(_wakers[token], 1)


def stops(token: int, agent: int, stack: contextlib.ExitStack) -> select.poll:
    """Return what is to be polled: it is readable when the probe has to end.

    :param token: a number by which :func:`cancel` finds this probe
    :param agent: the process id of the agent
    :param stack: what is to be given up afterwards is left to it
    :raises ValueError: when one of the numbers cannot be what it should be
    """
    for name, value, most in (
        ("token", token, 1 << 62),
        ("agent", agent, 1 << 30),
    ):
        if not isinstance(value, int) or not 1 <= value <= most:
            raise ValueError(f"{name}: {value!r} is not from 1 to {most}")
    found = select.poll()
    found.register(_waker(token, stack), select.POLLIN)
    ending = os.pidfd_open(agent)
    stack.callback(os.close, ending)
    found.register(ending, select.POLLIN)
    return found


def _waker(token: int, stack: contextlib.ExitStack) -> int:
    waker = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
    with _lock:
        _wakers[token] = waker

    def forget() -> None:
        with _lock:
            _wakers.pop(token, None)
            os.close(waker)

    stack.callback(forget)
    return waker
