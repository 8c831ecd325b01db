# SPDX-License-Identifier: Apache-2.0
"""One probe without its input and output: what to send, what came back."""

from collections.abc import Iterator
import errno
import ipaddress
import socket
from typing import NamedTuple

from steth.agent.probe import echo
from steth.agent.probe import failure as failure_module
from steth.agent.probe import pace
from steth.agent.probe import tally
from steth.rpc import requests

_NANOSECONDS = 1_000_000_000
#: ICMP sequence numbers repeat after that many packets.
_SEQUENCES = 1 << 16


class Target(NamedTuple):
    """One target, as a session needs it.

    ``address`` is what :func:`socket.inet_pton` takes; ``scope`` is the
    device that a scoped IPv6 address names.
    """

    family: socket.AddressFamily
    address: str
    packed: bytes
    scope: str | None
    source: bytes | None
    device: str | None
    dont_fragment: bool

    @classmethod
    def of(cls, asked: requests.IcmpTarget) -> "Target":
        """Return the target that is asked for."""
        address = ipaddress.ip_address(asked.address)
        scope = getattr(address, "scope_id", None)
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        source = None
        if asked.source is not None:
            source = ipaddress.ip_address(asked.source).packed
        return cls(
            family=family,
            address=socket.inet_ntop(family, address.packed),
            packed=address.packed,
            scope=scope,
            source=source,
            device=asked.device or scope,
            dont_fragment=asked.dont_fragment,
        )


class Session:
    """The packets of one request, from the first to the last answer.

    Times are in nanoseconds: ``clock`` of one that is never set, ``wall`` of
    the one that the kernel stamps packets with.

    :param identifier: the ICMP identifier of all its packets
    :param max_rate: packets per second
    """

    def __init__(
        self, request: requests.ProbeIcmp, identifier: int, max_rate: int
    ) -> None:
        self.targets = tuple(Target.of(one) for one in request.targets)
        self.tally = tally.Tally(len(self.targets), request.count)
        self.pace = pace.Pace(
            len(self.targets), request.count, request.interval, max_rate
        )
        self.templates = tuple(
            echo.Template(
                target.family, identifier, request.run, index, asked.size
            )
            for index, (target, asked) in enumerate(
                zip(self.targets, request.targets, strict=True)
            )
        )
        self.head = bytearray(echo.HEAD.size)
        self._identifier = identifier
        self._run = request.run
        self._timeout = round(request.timeout * _NANOSECONDS)
        self._last_sent = 0

    def write(self, packet: int) -> int:
        """Write a packet's head into ``head`` and return its target's index.

        :param packet: its number among all packets
        """
        number, index = divmod(packet, len(self.targets))
        self.templates[index].write(
            self.head, packet & (_SEQUENCES - 1), number
        )
        return index

    def sent(self, packet: int, wall: int, clock: int) -> None:
        """Note that a packet was sent."""
        self.tally.sent(packet, wall, clock)
        self._last_sent = clock

    def not_sent(self, packet: int, number: int) -> None:
        """Note that the kernel refused a packet, with its errno."""
        self.tally.not_sent(packet, failure_module.Failure(number=number))

    def abandon(self) -> None:
        """Send no more: the probe ran into its ceiling."""
        for packet in range(self.pace.next, self.pace.total):
            self.not_sent(packet, errno.ETIME)
        self.pace.next = self.pace.total

    def ends_at(self) -> int | None:
        """Return when the last answer is due; None while packets are left.

        That is in the past when every packet is accounted for.
        """
        if not self.pace.done:
            return None
        return self._last_sent + self._timeout if self.tally.pending else 0

    def receive_v4(self, data: memoryview, wall: int, clock: int) -> None:
        """Take an ICMP packet, which begins with its IP header."""
        if len(data) < echo.IPV4_HEADER + echo.ICMP_HEADER:
            return
        offset = (data[0] & 0xF) * 4
        source = data[12:16]
        mark = echo.reply_mark(data, offset, self._identifier, self._run)
        if mark is not None:
            self._answer(mark, source, wall, clock)
            return
        said = echo.quoted_v4(data, offset, self._identifier, self._run)
        if said is not None:
            self._report(said, socket.inet_ntop(socket.AF_INET, source))

    def receive_v6(
        self, data: memoryview, source: str, wall: int, clock: int
    ) -> None:
        """Take an ICMPv6 packet, which begins with its ICMPv6 header."""
        mark = echo.reply_mark(data, 0, self._identifier, self._run)
        if mark is not None:
            packed = socket.inet_pton(
                socket.AF_INET6, source.partition("%")[0]
            )
            self._answer(mark, packed, wall, clock)
            return
        said = echo.quoted_v6(data, 0, self._identifier, self._run)
        if said is not None:
            self._report(said, source)

    def _answer(
        self,
        mark: tuple[int, int],
        source: bytes | memoryview,
        wall: int,
        clock: int,
    ) -> None:
        index, number = mark
        if index < len(self.targets) and source == self.targets[index].packed:
            self.tally.answered(index, number, wall, clock)

    def _report(self, said: echo.Quoted, reporter: str) -> None:
        failure = failure_module.Failure(
            type=said.type, code=said.code, mtu=said.mtu, reporter=reporter
        )
        for packet in self._candidates(said):
            index = packet % len(self.targets)
            if self.targets[index].packed == said.destination:
                self.tally.reported(packet, failure)
                return

    def _candidates(self, said: echo.Quoted) -> Iterator[int]:
        """Yield the packets that an error may be about, the likeliest first.

        Where only the sequence number is quoted, that is the latest one that
        had it.
        """
        if said.mark is not None:
            index, number = said.mark
            packet = number * len(self.targets) + index
            if index < len(self.targets) and packet < self.pace.total:
                yield packet
            return
        yield from reversed(range(said.sequence, self.pace.next, _SEQUENCES))
