# SPDX-License-Identifier: Apache-2.0
"""The part of ``probe.multicast`` that is done beside a packet socket."""

import contextlib
import ipaddress
import select
import socket
import struct
import time
from typing import Any

import msgspec

from steth.agent.privileged import contexts
from steth.agent.privileged import packet_ring
from steth.agent.privileged import stopping
from steth.agent.probe import filters
from steth.agent.probe import multicast_message
from steth.model import multicast
from steth.rpc import requests

#: Messages that wait for us, and how often they are read, in seconds.
_FRAMES = 4096
_DRAIN_EVERY = 0.05
_BUFFER = 64
#: struct ip_mreqn: group, own address, index of the device.
_MEMBERSHIP = struct.Struct("@4s4si")


@contexts.probe.entrypoint
def run(arguments: dict[str, Any], token: int, agent: int) -> Any:
    """Join the group of one request, send to it, and note who is heard.

    :param arguments: a ``ProbeMulticast`` as plain data
    :param token: a number by which ``stopping.cancel`` finds this probe
    :param agent: the process id of the agent; with it the probe ends
    :returns: a ``MulticastReport`` as plain data; None when it was cancelled
    """
    request = msgspec.convert(arguments, requests.ProbeMulticast)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        stops = stopping.stops(token, agent, stack)
        members = [_Member(request, one, stack) for one in request.places]
        end = began + request.delay
        for _ in range(request.count):
            if not _listen(members, stops, end):
                return None
            for member in members:
                member.send()
            end = max(end, time.monotonic()) + request.interval
        if not _listen(members, stops, time.monotonic() + request.linger):
            return None
        return msgspec.to_builtins(
            multicast.MulticastReport(
                results=tuple(one.result() for one in members),
                lost=sum(one.lost for one in members),
                duration=time.monotonic() - began,
            )
        )


def _listen(members: "list[_Member]", stops: select.poll, end: float) -> bool:
    """Listen until a time; return whether it may go on."""
    while True:
        for one in members:
            one.hear()
        left = end - time.monotonic()
        if left <= 0:
            return True
        if stops.poll(max(1, int(min(left, _DRAIN_EVERY) * 1000))):
            return False


class _Member:
    """A member of the group on one interface, as a program joins it.

    :raises OSError: there is no such interface, or the kernel refused
    """

    def __init__(
        self,
        request: requests.ProbeMulticast,
        place: requests.MulticastPlace,
        stack: contextlib.ExitStack,
    ) -> None:
        self._place = place
        self._run = request.run
        self._index = request.index
        self._hosts = request.hosts
        self._heard: set[int] = set()
        self._arrived: set[int] = set()
        self._sent = 0
        self._refused: str | None = None
        version = ipaddress.ip_address(place.address).version
        group = multicast_message.group(request.run, version)
        device = socket.if_nametoindex(place.interface)
        # Before the group is joined: nothing of it is to be missed.
        self._ring = packet_ring.PacketRing(
            socket.SOCK_RAW,
            filters.group_messages(request.run),
            _FRAMES,
            place.interface,
        )
        stack.callback(self._ring.close)
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._receiver = stack.enter_context(socket.socket(family, kind))
        self._sender = stack.enter_context(socket.socket(family, kind))
        self._receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Else it would get what others have joined on other interfaces.
        self._receiver.setsockopt(
            socket.SOL_SOCKET,
            socket.SO_BINDTODEVICE,
            place.interface.encode() + b"\0",
        )
        if version == 4:
            self._join_v4(group, device)
            self._to: tuple[Any, ...] = (group, multicast_message.PORT)
            self._sender.bind((place.address, 0))
        else:
            self._join_v6(group, device)
            self._to = (group, multicast_message.PORT, 0, device)
            self._sender.bind((place.address, 0, 0, device))

    def _join_v4(self, group: str, device: int) -> None:
        membership = _MEMBERSHIP.pack(
            socket.inet_aton(group), bytes(4), device
        )
        level = socket.IPPROTO_IP
        self._receiver.bind((group, multicast_message.PORT))
        self._receiver.setsockopt(level, socket.IP_ADD_MEMBERSHIP, membership)
        self._sender.setsockopt(level, socket.IP_MULTICAST_IF, membership)
        self._sender.setsockopt(level, socket.IP_MULTICAST_TTL, 1)
        self._sender.setsockopt(level, socket.IP_MULTICAST_LOOP, 0)

    def _join_v6(self, group: str, device: int) -> None:
        level = socket.IPPROTO_IPV6
        self._receiver.bind((group, multicast_message.PORT, 0, device))
        self._receiver.setsockopt(
            level,
            socket.IPV6_JOIN_GROUP,
            socket.inet_pton(socket.AF_INET6, group)
            + struct.pack("@I", device),
        )
        self._sender.setsockopt(level, socket.IPV6_MULTICAST_IF, device)
        self._sender.setsockopt(level, socket.IPV6_MULTICAST_HOPS, 1)
        self._sender.setsockopt(level, socket.IPV6_MULTICAST_LOOP, 0)

    def send(self) -> None:
        """Send a message; remember why if it does not leave."""
        message = multicast_message.build(self._run, self._index)
        try:
            self._sender.sendto(message, self._to)
            self._sent += 1
        except OSError as error:
            self._refused = error.strerror or str(error)

    def hear(self) -> None:
        """Take all that is there."""
        for packet in self._ring.take():
            # What has a tag is of another network.
            if not packet.vlan:
                self._note(
                    self._arrived,
                    multicast_message.read_frame(packet.data, self._run),
                )
        with contextlib.suppress(BlockingIOError):
            for _ in range(_FRAMES):
                data = self._receiver.recv(_BUFFER)
                self._note(
                    self._heard, multicast_message.read(data, self._run)
                )

    def _note(self, where: set[int], sender: int | None) -> None:
        if sender is not None and sender < self._hosts:
            where.add(sender)

    def result(self) -> multicast.GroupResult:
        """Return what came of it."""
        itself = {self._index}
        return multicast.GroupResult(
            interface=self._place.interface,
            address=self._place.address,
            heard=tuple(sorted(self._heard - itself)),
            arrived=tuple(sorted(self._arrived - itself)),
            sent=self._sent,
            refused=self._refused,
        )

    @property
    def lost(self) -> int:
        """How many packets the ring had no room for."""
        return self._ring.lost()
