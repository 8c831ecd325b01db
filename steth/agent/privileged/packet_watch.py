# SPDX-License-Identifier: Apache-2.0
"""Watching the devices of the host for a run's packets, see packet(7)."""

import contextlib
import socket

from steth.agent.privileged import packet_ring
from steth.agent.probe import filters
from steth.agent.probe import sighting
from steth.model import probe

_FRAMES = 8192


class PacketWatch:
    """Counts the packets of one run on every device.

    :raises OSError: the kernel refused
    """

    def __init__(self, run: int, addresses: frozenset[bytes]) -> None:
        self._names: dict[int, str] = {}
        self._sightings = sighting.Sightings(run, addresses, self._name)
        self._ring = packet_ring.PacketRing(
            socket.SOCK_DGRAM, filters.watched(run), _FRAMES
        )

    def drain(self) -> None:
        """Take all that is there."""
        for device, outgoing, _, data in self._ring.take():
            if device not in self._names:
                self._learn(device)
            self._sightings.see(device, outgoing, data)

    def results(self) -> tuple[probe.Sighting, ...]:
        """Return what was seen."""
        return self._sightings.results()

    def lost(self) -> int:
        """Return how many packets were not counted."""
        return self._ring.lost() + self._sightings.lost

    def close(self) -> None:
        """Give up the ring and the socket."""
        self._ring.close()

    def _learn(self, device: int) -> None:
        """Ask for the name at first sight: the device may go away."""
        self._names[device] = f"if{device}"
        with contextlib.suppress(OSError):
            self._names[device] = socket.if_indextoname(device)

    def _name(self, device: int) -> str:
        return self._names.get(device, f"if{device}")
