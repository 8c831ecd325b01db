# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.packet_send`` that needs packet sockets."""

import socket
import time

from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces

#: What one call sends at most: frames, bytes, and seconds.
MAX_FRAMES = 10_000
MAX_BYTES = 4_000_000
MAX_SECONDS = 1.0

_ETHERNET_HEADER = 14
_LONGEST = 65_535
_CATCH_UP = 0.02


@contexts.probe.entrypoint
def send(
    interface: str, frames: list[bytes], interval: float
) -> tuple[int, str | None]:
    """Send frames, so many seconds apart.

    :returns: how many the kernel did not take, and why
    :raises OSError: there is no such interface
    """
    _validate(frames, interval)
    return _send(interface, frames, interval)


@contexts.namespace_probe.entrypoint
def send_inside(
    netns: str, interface: str, frames: list[bytes], interval: float
) -> tuple[int, str | None]:
    """Do so in a named network namespace."""
    _validate(frames, interval)
    return namespaces.inside(netns, lambda: _send(interface, frames, interval))


def _validate(frames: object, interval: object) -> None:
    if not isinstance(frames, list | tuple) or len(frames) > MAX_FRAMES:
        raise ValueError(f"frames: a list of at most {MAX_FRAMES} is wanted")
    for one in frames:
        if (
            not isinstance(one, bytes)
            or not _ETHERNET_HEADER <= len(one) <= _LONGEST
        ):
            raise ValueError("frames: one is no Ethernet frame")
    if sum(map(len, frames)) > MAX_BYTES:
        raise ValueError(f"frames: more than {MAX_BYTES} bytes")
    if (
        not isinstance(interval, float)
        or not 0 <= interval * (len(frames) - 1) <= MAX_SECONDS
    ):
        raise ValueError(f"interval: it would take over {MAX_SECONDS} s")


def _send(
    interface: str, frames: list[bytes], interval: float
) -> tuple[int, str | None]:
    refused, reason = 0, None
    # Of protocol 0 nothing is received: it only sends.
    with socket.socket(
        socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0
    ) as sock:
        sock.bind((interface, 0))
        due = time.monotonic()
        for frame in frames:
            now = time.monotonic()
            if now < due:
                # No longer than MAX_SECONDS in all: nobody has to end it.
                time.sleep(due - now)
            # No burst follows a stall.
            due = max(due, now - _CATCH_UP) + interval
            try:
                sock.send(frame)
            except OSError as error:
                refused += 1
                reason = error.strerror
    return refused, reason
