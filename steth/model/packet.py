# SPDX-License-Identifier: Apache-2.0
"""What became of frames that were sent on request."""

import msgspec


class PacketsSent(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``probe.packet_send``.

    ``frames`` says in words what one round consists of, at most the first
    ten of them, ``length`` how many bytes it has. ``filled`` is what the
    agent chose because the caller did not, by argument; ``sought`` is the
    address of the neighbour whose MAC address a dry run did not know and
    would have asked for. ``interval`` is the one that the agent keeps.
    ``refused`` were not taken by the kernel, or not in time, as ``reason``
    says of the last; with ``dry_run`` both counts are 0.
    """

    frames: tuple[str, ...]
    packets: int
    length: int
    interval: float
    filled: dict[str, str] = {}
    sought: str | None = None
    sent: int = 0
    refused: int = 0
    reason: str | None = None
    duration: float = 0.0
