# SPDX-License-Identifier: Apache-2.0
"""Asking the kernel over rtnetlink, in the calling thread's namespace."""

from collections.abc import Iterator
import errno
import os
import socket
import types
from typing import Self

from steth.agent.inspect import rtnetlink

#: linux/netlink.h; without it the kernel ignores the filters of a dump.
_SOL_NETLINK = 270
_NETLINK_GET_STRICT_CHK = 12

_BUFFER = 1 << 16
#: No answer of the kernel takes this long; seconds.
_TIMEOUT = 5.0


class DumpInterruptedError(Exception):
    """What was being dumped changed meanwhile, so it may be incomplete."""


class RouteSocket:
    """An rtnetlink socket; it belongs to the namespace it was opened in.

    Reading needs no privilege, changing does. Errors of the kernel are
    ``OSError``.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_CLOEXEC,
            socket.NETLINK_ROUTE,
        )
        self._socket.settimeout(_TIMEOUT)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_GET_STRICT_CHK, 1)
        self._sequence = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._socket.close()

    def dump(
        self,
        kind: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None = None,
    ) -> Iterator[bytes]:
        """Yield the body of each object that a dump request matches.

        A caller that stops early has to give up the socket: the rest of the
        dump is still in it.

        :raises DumpInterruptedError: after the last object
        """
        self._send(kind, rtnetlink.NLM_F_DUMP, body, attributes)
        interrupted = False
        while True:
            data = self._socket.recv(_BUFFER)
            for what, flags, sequence, content in rtnetlink.messages(data):
                if sequence != self._sequence:
                    continue
                interrupted |= bool(flags & rtnetlink.NLM_F_DUMP_INTR)
                if what in {rtnetlink.NLMSG_ERROR, rtnetlink.NLMSG_DONE}:
                    number = rtnetlink.error_number(content)
                    # A filter may name a table that does not exist yet:
                    # nothing is there.
                    if number not in {0, errno.ENOENT}:
                        raise OSError(number, os.strerror(number))
                    if interrupted:
                        raise DumpInterruptedError
                    return
                yield content

    def get(
        self,
        kind: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None = None,
    ) -> bytes:
        """Return the body of the one object asked for."""
        self._send(kind, 0, body, attributes)
        while True:
            data = self._socket.recv(_BUFFER)
            for what, _, sequence, content in rtnetlink.messages(data):
                if sequence != self._sequence:
                    continue
                if what == rtnetlink.NLMSG_ERROR:
                    number = rtnetlink.error_number(content)
                    raise OSError(number, os.strerror(number))
                return content

    def change(
        self,
        kind: int,
        flags: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None = None,
    ) -> None:
        """Have the kernel change something; it takes CAP_NET_ADMIN."""
        self._send(kind, flags | rtnetlink.NLM_F_ACK, body, attributes)
        while True:
            data = self._socket.recv(_BUFFER)
            for what, _, sequence, content in rtnetlink.messages(data):
                if sequence == self._sequence and (
                    what == rtnetlink.NLMSG_ERROR
                ):
                    number = rtnetlink.error_number(content)
                    if number:
                        raise OSError(number, os.strerror(number))
                    return

    def _send(
        self,
        kind: int,
        flags: int,
        body: bytes,
        attributes: rtnetlink.Attributes | None,
    ) -> None:
        self._sequence += 1
        self._socket.send(
            rtnetlink.request(kind, flags, self._sequence, body, attributes)
        )
