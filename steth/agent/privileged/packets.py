# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.packet_send`` that needs packet sockets."""

from steth.agent.privileged import contexts
from steth.agent.privileged import namespaces
from steth.agent.privileged import outlet

#: What one call sends at most: frames and bytes.
MAX_FRAMES = 10_000
MAX_BYTES = 4_000_000

_ETHERNET_HEADER = 14
_LONGEST = 65_535


@contexts.probe.entrypoint
def send(
    interface: str, frames: list[bytes], interval: float
) -> tuple[int, int, str | None]:
    """Send frames, so many seconds apart, as far as they are taken in time.

    :returns: an ``outlet.Progress``
    :raises OSError: there is no such interface
    """
    _validate(frames, interval)
    return _send(interface, frames, interval)


@contexts.namespace_probe.entrypoint
def send_inside(
    netns: str, interface: str, frames: list[bytes], interval: float
) -> tuple[int, int, str | None]:
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
        or not 0 <= interval * (len(frames) - 1) <= outlet.MAX_SECONDS
    ):
        raise ValueError(
            f"interval: it would take over {outlet.MAX_SECONDS} s"
        )


def _send(
    interface: str, frames: list[bytes], interval: float
) -> outlet.Progress:
    with outlet.Outlet(interface) as out:
        return out.send(frames, interval)
