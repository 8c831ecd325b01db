# SPDX-License-Identifier: Apache-2.0
"""Sending frames on interfaces and reading what is answered to them.

See packet(7). Nothing is changed on the interfaces, and they may be ports of
a bridge or a bond meanwhile.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
import contextlib
import select
import socket
import time
from typing import NamedTuple

from steth.agent.privileged import packet_ring

MAX_RATE = 10_000
#: Answers are few: a ring of so many, read this often, in seconds.
_FRAMES = 256
_DRAIN_EVERY = 0.05


class Frame(NamedTuple):
    """A frame, and the port that it leaves by."""

    port: "Port"
    data: bytes


class Port:
    """An interface that is sent on and listened to.

    :param program: the filter of what is listened to, classic BPF
    :param size: of the frames that it holds, see ``packet_ring.PacketRing``
    :raises OSError: there is no such interface, or it may not be used
    """

    def __init__(
        self,
        interface: str,
        program: bytes,
        size: int,
        stack: contextlib.ExitStack,
    ) -> None:
        self.interface = interface
        self._socket = stack.enter_context(
            socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0
            )
        )
        self._socket.bind((interface, 0))
        self.mac: bytes = self._socket.getsockname()[4]
        self.ring = packet_ring.PacketRing(
            socket.SOCK_RAW, program, _FRAMES, interface, size
        )
        stack.callback(self.ring.close)

    def send(self, data: bytes) -> None:
        """Send a frame.

        :raises OSError: the interface does not take it
        """
        self._socket.send(data, socket.MSG_DONTWAIT)


class Talk:
    """Frames that are sent in rounds, and what is read meanwhile.

    After :meth:`run`, ``sent`` counts the frames that left, and ``refused``
    has the kernel's reason by the interface that did not take one.

    :param stops: is readable when the talk has to end
    :param hear: is given what arrives, with the port
    """

    def __init__(
        self,
        ports: Iterable[Port],
        stops: select.poll,
        hear: Callable[[Port, packet_ring.Packet], None],
    ) -> None:
        self._ports = list(ports)
        self._stops = stops
        self._hear = hear
        self.sent = 0
        self.refused: dict[str, str] = {}

    def run(
        self,
        frames: Sequence[Frame],
        *,
        rounds: int,
        interval: float,
        timeout: float,
        max_rate: int,
    ) -> bool:
        """Send all frames in each round; return whether it came to its end.

        :param interval: seconds from round to round
        :param timeout: seconds that is listened after the last
        :param max_rate: frames per second
        """
        begin = time.monotonic()
        for number in range(rounds):
            if not self._wait(begin + number * interval):
                return False
            for frame in frames:
                self._send(frame)
                if not self._wait(time.monotonic() + 1 / max_rate):
                    return False
        return self._wait(time.monotonic() + timeout)

    @property
    def lost(self) -> int:
        """How many packets the rings had no room for."""
        return sum(one.ring.lost() for one in self._ports)

    def _send(self, frame: Frame) -> None:
        try:
            frame.port.send(frame.data)
            self.sent += 1
        except OSError as error:
            self.refused[frame.port.interface] = error.strerror or str(error)

    def _wait(self, end: float) -> bool:
        """Listen until a time; return whether it may go on."""
        while True:
            for port in self._ports:
                for packet in port.ring.take():
                    self._hear(port, packet)
            left = end - time.monotonic()
            if left <= 0:
                return True
            # poll(2) counts in milliseconds; what is less need not be exact.
            if self._stops.poll(max(1, int(min(left, _DRAIN_EVERY) * 1000))):
                return False
