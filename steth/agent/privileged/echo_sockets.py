# SPDX-License-Identifier: Apache-2.0
"""Raw sockets for echo packets, see raw(7), icmp(7) and ipv6(7)."""

from collections.abc import Iterator
import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys
import time

from steth.agent.probe import filters
from steth.agent.probe import session as session_module

# Not in the socket module: asm-generic/socket.h, linux/in.h, linux/in6.h.
_SO_ATTACH_FILTER = 26
_SO_TIMESTAMPNS = 35
_SO_MEMINFO = 55
_SK_MEMINFO_DROPS = 8
_SOL_RAW = 255
_ICMP_FILTER = 1
_ICMPV6_FILTER = 1
_IP_PKTINFO = 8
_IP_MTU_DISCOVER = 10
_IPV6_MTU_DISCOVER = 23
_IPV6_DONTFRAG = 62
_IPV6_PKTINFO = 50
#: Fragment here where the device's MTU asks for it, and elsewhere.
_PMTUDISC_DONT = 0
#: Never fragment, and don't believe what was once learnt of the path.
_PMTUDISC_PROBE = 3

_TIMESPEC = struct.Struct("@ll")
_ANCILLARY = 64
#: More than we read of any packet: an error with all that it quotes.
_BUFFER = 256
#: The kernel grants up to net.core.rmem_max.
_RECEIVE_BUFFER = 4 << 20

_ICMP_TYPES = (0, 3, 11, 12)
_ICMPV6_TYPES = (1, 2, 3, 4, 129)

#: Packets that wait for the address resolution of dead neighbours fill a
#: socket's send buffer; the next ones then leave by another socket, so that
#: they don't get lost. This is what net.core.wmem_max is by default; the
#: kernel takes four times as much.
_SEND_BUFFER = 212_992
_MAX_SENDERS = 32
#: How a raw socket says that its send buffer is full.
_FULL = frozenset({errno.EAGAIN, errno.ENOBUFS})


class _Way:
    """How the packets to one target leave."""

    __slots__ = ("ancillary", "destination", "padding", "pool")

    def __init__(
        self,
        target: session_module.Target,
        pool: "_Pool",
        padding: memoryview,
    ) -> None:
        """Look up what the target names.

        :raises OSError: this host does not have it
        """
        self.pool = pool
        self.padding = padding
        device = _index(target.device) if target.device else 0
        scope = _index(target.scope) if target.scope else device
        self.ancillary: list[tuple[int, int, bytes]] = []
        self.destination: tuple[str | int, ...]
        if target.family == socket.AF_INET:
            self.destination = (target.address, 0)
            level, kind = socket.IPPROTO_IP, _IP_PKTINFO
            chosen = target.source or bytes(4)
            information = struct.pack("=i4s4x", device, chosen)
        else:
            self.destination = (target.address, 0, 0, scope)
            level, kind = socket.IPPROTO_IPV6, _IPV6_PKTINFO
            chosen = target.source or bytes(16)
            information = struct.pack("=16si", chosen, device)
        if target.source or device:
            self.ancillary.append((level, kind, information))


class _Pool:
    """Sockets for one IP version, with or without don't-fragment."""

    def __init__(self, family: int, dont_fragment: bool) -> None:
        self._family = family
        self._dont_fragment = dont_fragment
        self._sockets = [self._open()]
        #: The socket that took the last packet.
        self.current = self._sockets[0]

    def other(self) -> Iterator[socket.socket]:
        """Yield sockets to try when the current one's buffer is full.

        First the one that has been full for longest, then a new one: if that
        can't send either, it is not for want of room.
        """
        if len(self._sockets) > 1:
            self._sockets.append(self._sockets.pop(0))
            self.current = self._sockets[-1]
            yield self.current
        if len(self._sockets) < _MAX_SENDERS:
            self.current = self._open()
            self._sockets.append(self.current)
            yield self.current

    def close(self) -> None:
        """Close the sockets."""
        for sock in self._sockets:
            sock.close()

    def _open(self) -> socket.socket:
        sock = _raw_socket(self._family)
        mode = _PMTUDISC_PROBE if self._dont_fragment else _PMTUDISC_DONT
        _accept_types(sock, self._family, ())
        if self._family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, mode)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, mode)
            sock.setsockopt(
                socket.IPPROTO_IPV6, _IPV6_DONTFRAG, self._dont_fragment
            )
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        return sock


class Senders:
    """Sends the packets of one session.

    A target whose packets can't leave (there is no such device, the host
    lacks that IP version) has an errno instead of a way.

    :raises PermissionError: raw sockets are not allowed here
    """

    def __init__(self, session: session_module.Session) -> None:
        self._session = session
        self._pools: dict[tuple[int, bool], _Pool] = {}
        padding = memoryview(
            bytes(max(one.padding for one in session.templates))
        )
        self._ways = [
            self._way(target, padding[: template.padding])
            for target, template in zip(
                session.targets, session.templates, strict=True
            )
        ]

    def send(self, packet: int) -> None:
        """Send a packet and note what came of it."""
        session = self._session
        way = self._ways[session.write(packet)]
        if isinstance(way, int):
            session.not_sent(packet, way)
            return
        clock = time.monotonic_ns()
        wall = time.time_ns()
        try:
            way.pool.current.sendmsg(
                (session.head, way.padding), way.ancillary, 0, way.destination
            )
        except OSError as error:
            if error.errno in _FULL:
                self._send_by_another(packet, way)
            else:
                session.not_sent(packet, error.errno or errno.EIO)
        else:
            session.sent(packet, wall, clock)

    def close(self) -> None:
        """Close the sockets."""
        for pool in self._pools.values():
            pool.close()

    def _send_by_another(self, packet: int, way: _Way) -> None:
        try:
            for sock in way.pool.other():
                clock = time.monotonic_ns()
                wall = time.time_ns()
                try:
                    sock.sendmsg(
                        (self._session.head, way.padding),
                        way.ancillary,
                        0,
                        way.destination,
                    )
                except OSError as error:
                    if error.errno not in _FULL:
                        raise
                else:
                    self._session.sent(packet, wall, clock)
                    return
        except OSError as error:
            self._session.not_sent(packet, error.errno or errno.EIO)
        else:
            self._session.not_sent(packet, errno.ENOBUFS)

    def _way(
        self, target: session_module.Target, padding: memoryview
    ) -> _Way | int:
        key = target.family, target.dont_fragment
        try:
            if key not in self._pools:
                self._pools[key] = _Pool(*key)
            return _Way(target, self._pools[key], padding)
        except PermissionError:
            raise
        except OSError as error:
            return error.errno or errno.EIO


class Receivers:
    """Receives the answers to one session, and the errors about it."""

    def __init__(
        self, session: session_module.Session, identifier: int
    ) -> None:
        self._session = session
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._sockets: dict[int, socket.socket] = {}
        families = {target.family for target in session.targets}
        for family in families:
            # A host without IPv6 has no answers to receive; that its packets
            # can't be sent is told where they are.
            with contextlib.suppress(_NoSuchFamilyError):
                self._sockets[family] = _receiver(family, identifier)

    def filenos(self) -> list[int]:
        """Return the descriptors to wait on."""
        return [sock.fileno() for sock in self._sockets.values()]

    def drain(self) -> None:
        """Take all that is there."""
        for family, sock in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._receive(family, sock)

    def lost(self) -> int:
        """Return how many packets the receive buffers had no room for."""
        total = 0
        for sock in self._sockets.values():
            numbers = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 64)
            at = 4 * _SK_MEMINFO_DROPS
            total += int.from_bytes(numbers[at : at + 4], sys.byteorder)
        return total

    def close(self) -> None:
        """Close the sockets."""
        for sock in self._sockets.values():
            sock.close()

    def _receive(self, family: int, sock: socket.socket) -> None:
        length, ancillary, _, source = sock.recvmsg_into(
            (self._buffer,), _ANCILLARY
        )
        clock = time.monotonic_ns()
        if ancillary:
            seconds, rest = _TIMESPEC.unpack_from(ancillary[0][2])
            wall = seconds * 1_000_000_000 + rest
        else:
            wall = time.time_ns()
        data = self._view[:length]
        if family == socket.AF_INET:
            self._session.receive_v4(data, wall, clock)
        else:
            self._session.receive_v6(data, source[0], wall, clock)


def attach_filter(sock: socket.socket, program: bytes) -> None:
    """Let the kernel drop what a classic BPF program does not pass."""
    instructions = ctypes.create_string_buffer(program, len(program))
    sock.setsockopt(
        socket.SOL_SOCKET,
        _SO_ATTACH_FILTER,
        struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions)),
    )


class _NoSuchFamilyError(OSError):
    """The host does not speak that IP version."""


def _raw_socket(family: int) -> socket.socket:
    protocol = (
        socket.IPPROTO_ICMP
        if family == socket.AF_INET
        else socket.IPPROTO_ICMPV6
    )
    try:
        return socket.socket(
            family,
            socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC,
            protocol,
        )
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            raise _NoSuchFamilyError(error.errno, error.strerror) from error
        raise


def _receiver(family: int, identifier: int) -> socket.socket:
    sock = _raw_socket(family)
    if family == socket.AF_INET:
        _accept_types(sock, family, _ICMP_TYPES)
        attach_filter(sock, filters.answers_v4(identifier))
    else:
        _accept_types(sock, family, _ICMPV6_TYPES)
        attach_filter(sock, filters.answers_v6(identifier))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return sock


def _accept_types(
    sock: socket.socket, family: int, types: tuple[int, ...]
) -> None:
    """Have the kernel pass those ICMP types only; a set bit blocks one."""
    if family == socket.AF_INET:
        blocked = 0xFFFFFFFF
        for one in types:
            blocked &= ~(1 << one)
        sock.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", blocked))
        return
    words = [0xFFFFFFFF] * 8
    for one in types:
        words[one // 32] &= ~(1 << one % 32)
    sock.setsockopt(
        socket.IPPROTO_ICMPV6, _ICMPV6_FILTER, struct.pack("=8I", *words)
    )


def _index(device: str) -> int:
    try:
        return socket.if_nametoindex(device)
    except OSError as error:
        # Python raises it without a number.
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from error
