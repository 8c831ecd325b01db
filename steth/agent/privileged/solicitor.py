# SPDX-License-Identifier: Apache-2.0
"""Asks the network for hardware addresses, see packet(7)."""

import contextlib
import socket

from steth.agent.probe import resolution


class Solicitor:
    """Sends the questions of one probe.

    :raises OSError: the kernel refused
    """

    def __init__(self, questions: list[resolution.Question]) -> None:
        self._packets = [
            (one.device, resolution.packet(one)) for one in questions
        ]
        # Of protocol 0 nothing is received: it only sends.
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0
        )

    def ask_all(self) -> None:
        """Send each question once; one that can't be sent is left out."""
        for device, packet in self._packets:
            # The device may be down or gone, or its queue full: that nothing
            # was asked is seen by the watch.
            with contextlib.suppress(OSError):
                self._socket.sendto(
                    packet.content,
                    socket.MSG_DONTWAIT,
                    (
                        socket.if_indextoname(device),
                        packet.protocol,
                        0,
                        0,
                        packet.destination,
                    ),
                )

    def close(self) -> None:
        """Give up the socket."""
        self._socket.close()
