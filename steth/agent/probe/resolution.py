# SPDX-License-Identifier: Apache-2.0
"""Asking for a neighbour's hardware address, whatever the kernel knows.

While the kernel has a neighbour's address it asks nobody, for a minute or
so; a watched probe asks for itself, so that what is seen of question and
answer tells layer 2 from what is above it. The questions are the ones that
the kernel would ask, from the host's own addresses: they change nothing.
"""

import contextlib
import ipaddress
import socket
import struct
from typing import Annotated
from typing import NamedTuple

import msgspec

from steth.agent.inspect import links
from steth.agent.inspect import netlink
from steth.agent.inspect import routes
from steth.agent.inspect import rtnetlink
from steth.agent.probe import session
from steth.rpc import requests

#: Of so many neighbours it is asked at the most: each question goes to all
#: hosts of the network.
MAX_QUESTIONS = 512

ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
_BROADCAST = b"\xff" * 6
#: Ethernet, IPv4, their lengths, "request" (RFC 826).
_ARP_REQUEST = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
#: Version, length of what follows, ICMPv6, hop limit 255 (RFC 4861, 7.1.1).
_IPV6_HEADER = struct.Struct("!IHBB16s16s")
_SOLICITATION = struct.Struct("!BBHI16sBB6s")
#: The length of its option.
_SOURCE_MAC = 8
_ICMPV6 = 58

Mac = Annotated[bytes, msgspec.Meta(min_length=6, max_length=6)]
Packed = Annotated[bytes, msgspec.Meta(min_length=4, max_length=16)]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Who has ``target``? The answer goes to ``mac`` and ``source``.

    ``device`` is the index of the device to ask on; addresses are packed.
    """

    device: Annotated[int, msgspec.Meta(ge=1, le=0x7FFFFFFF)]
    mac: Mac
    source: Packed
    target: Packed


class Packet(NamedTuple):
    """A question as it is sent: protocol, destination's MAC, content."""

    protocol: int
    destination: bytes
    content: bytes


def questions_of(request: requests.ProbeIcmp) -> list[Question]:
    """Return what to ask while a probe is watched, nothing if it is not.

    :raises OSError: the kernel does not answer
    """
    if not request.watch:
        return []
    return questions(tuple(session.Target.of(one) for one in request.targets))


def questions(targets: tuple[session.Target, ...]) -> list[Question]:
    """Return what to ask on behalf of a probe.

    Targets behind a router, or on a device that resolves nothing, are left
    out, as are those that name no source.

    :raises OSError: the kernel does not answer
    """
    found: dict[Question, None] = {}
    with netlink.RouteSocket() as sock:
        macs: dict[int, bytes | None] = {}
        for target in dict.fromkeys(targets):
            if target.source is None or len(found) >= MAX_QUESTIONS:
                continue
            device = _on_link_device(sock, target)
            if device is None:
                continue
            if device not in macs:
                macs[device] = _mac(sock, device)
            mac = macs[device]
            if mac is not None:
                one = Question(
                    device=device,
                    mac=mac,
                    source=target.source,
                    target=target.packed,
                )
                found[one] = None
    return list(found)


def packet(question: Question) -> Packet:
    """Return the question in its protocol: ARP, or neighbour discovery."""
    if len(question.target) == 4:
        content = (
            _ARP_REQUEST
            + question.mac
            + question.source
            + bytes(6)
            + question.target
        )
        return Packet(ETH_P_ARP, _BROADCAST, content)
    # The solicited-node multicast address (RFC 4291, 2.7.1).
    group = (
        ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13]
        + question.target[13:]
    )
    body = _SOLICITATION.pack(
        135, 0, 0, 0, question.target, 1, 1, question.mac
    )
    if not any(question.source):
        # Nobody's hardware address is told (RFC 4861, 4.3).
        body = body[:-_SOURCE_MAC]
    pseudo = (
        question.source + group + struct.pack("!II", len(body), _ICMPV6) + body
    )
    body = body[:2] + struct.pack("!H", checksum(pseudo)) + body[4:]
    header = _IPV6_HEADER.pack(
        6 << 28, len(body), _ICMPV6, 255, question.source, group
    )
    return Packet(ETH_P_IPV6, b"\x33\x33" + group[12:], header + body)


def checksum(data: bytes) -> int:
    """Return the Internet checksum of an even number of bytes (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _on_link_device(
    sock: netlink.RouteSocket, target: session.Target
) -> int | None:
    with contextlib.suppress(OSError):
        index = socket.if_nametoindex(target.device) if target.device else 0
        kind, gateway, device = routes.next_hop(
            sock.get(
                rtnetlink.RTM_GETROUTE,
                *routes.get_request(
                    target.packed, target.source or b"", index
                ),
            )
        )
        if kind == "unicast" and gateway is None and device:
            return device
    return None


def _mac(sock: netlink.RouteSocket, device: int) -> bytes | None:
    """Return a device's hardware address if it resolves by Ethernet."""
    with contextlib.suppress(OSError):
        body = sock.get(rtnetlink.RTM_GETLINK, *links.get_request(device))
        found = links.device(body)
        if found.resolves and len(found.address) == len(_BROADCAST):
            return found.address
    return None
