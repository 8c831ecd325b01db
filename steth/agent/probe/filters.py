# SPDX-License-Identifier: Apache-2.0
"""Classic BPF programs that keep other traffic away from our sockets.

A program is written as steps with labels to jump to and becomes the array
of ``struct sock_filter`` that the kernel takes (linux/filter.h).
"""

import socket
import struct
from typing import NamedTuple

from steth.agent.probe import dhcp_message
from steth.agent.probe import echo
from steth.agent.probe import multicast_message
from steth.agent.probe import neighbour_frame
from steth.agent.probe import resolution
from steth.agent.probe import vlan_frame

_LD_W_ABS = 0x20
_LD_H_ABS = 0x28
_LD_B_ABS = 0x30
_LD_W_IND = 0x40
_LD_H_IND = 0x48
_LD_B_IND = 0x50
#: X = 4 * (A[k] & 0xf): the length of an IPv4 header.
_LDX_IP_LENGTH = 0xB1
_AND = 0x54
_ADD_X = 0x0C
_LSH = 0x64
_TAX = 0x07
_JUMP_EQUAL = 0x15
_JUMP_SET = 0x45
_RETURN = 0x06

#: Offsets that ask for what is not in the packet (linux/filter.h).
_PACKET_TYPE = 0xFFFFF000 + 4
_HARDWARE_TYPE = 0xFFFFF000 + 28
_ARPHRD_LOOPBACK = 772
_PACKET_OUTGOING = 4

_ARP_REQUEST_OR_REPLY_IPV4 = 0x00010800
_NEIGHBOUR_SOLICITATION = 135
_NEIGHBOUR_ADVERTISEMENT = 136

#: How much of a packet that passes is kept: more than any header we read;
#: and of a message that is read whole.
SNAP_LENGTH = 160
MESSAGE_LENGTH = 1500

_INSTRUCTION = struct.Struct("=HBBI")


class _Step(NamedTuple):
    """One instruction, with the labels it jumps to (None: the next one)."""

    code: int
    value: int = 0
    match: str | None = None
    miss: str | None = None
    label: str | None = None


def _equal(
    value: int, match: str | None = None, miss: str | None = None
) -> _Step:
    return _Step(_JUMP_EQUAL, value, match, miss)


def _assemble(steps: list[_Step]) -> bytes:
    places = {one.label: at for at, one in enumerate(steps) if one.label}

    def distance(label: str | None, at: int) -> int:
        return places[label] - at - 1 if label else 0

    return b"".join(
        _INSTRUCTION.pack(
            one.code,
            distance(one.match, at),
            distance(one.miss, at),
            one.value,
        )
        for at, one in enumerate(steps)
    )


def _endings(length: int) -> list[_Step]:
    return [
        _Step(_RETURN, length, label="pass"),
        _Step(_RETURN, 0, label="drop"),
    ]


_ENDINGS = _endings(SNAP_LENGTH)


def answers_v4(identifier: int) -> bytes:
    """Pass echo replies and errors of a probe to a raw ICMP socket.

    The packet begins with its IP header. Which types are errors is up to
    the socket's ICMP_FILTER.
    """
    return _assemble(
        [
            _Step(_LDX_IP_LENGTH, 0),
            _Step(_LD_B_IND, 0),
            _equal(echo.ECHO_REPLY, None, "error"),
            _Step(_LD_H_IND, 4),
            _equal(identifier, "pass", "drop"),
            # The quoted packet: protocol, then past its header.
            _Step(_LD_B_IND, 8 + 9, label="error"),
            _equal(socket.IPPROTO_ICMP, None, "drop"),
            _Step(_LD_B_IND, 8),
            _Step(_AND, 0xF),
            _Step(_LSH, 2),
            _Step(_ADD_X),
            _Step(_TAX),
            _Step(_LD_B_IND, 8),
            _equal(echo.ECHO_REQUEST, None, "drop"),
            _Step(_LD_H_IND, 8 + 4),
            _equal(identifier, "pass", "drop"),
            *_ENDINGS,
        ]
    )


def answers_v6(identifier: int) -> bytes:
    """Pass echo replies and errors of a probe to a raw ICMPv6 socket.

    The packet begins with its ICMPv6 header.
    """
    quoted = echo.ICMP_HEADER
    icmp = quoted + echo.IPV6_HEADER
    return _assemble(
        [
            _Step(_LD_B_ABS, 0),
            _equal(echo.ECHO_REPLY_V6, None, "error"),
            _Step(_LD_H_ABS, 4),
            _equal(identifier, "pass", "drop"),
            _Step(_LD_B_ABS, quoted + 6, label="error"),
            _equal(44, "fragment"),
            _equal(socket.IPPROTO_ICMPV6, None, "drop"),
            _Step(_LD_H_ABS, icmp + 4),
            _equal(identifier, "pass", "drop"),
            _Step(_LD_H_ABS, icmp + 8 + 4, label="fragment"),
            _equal(identifier, "pass", "drop"),
            *_ENDINGS,
        ]
    )


def watched(run: int) -> bytes:
    """Pass a run's echo packets, ARP and IPv6 neighbour discovery.

    For a packet socket of type SOCK_DGRAM: the packet begins with its
    network header. What is on a loopback device does not pass.
    """
    magic = struct.unpack("!II", echo.MAGIC)
    mark = echo.ICMP_HEADER
    return _assemble(
        [
            _Step(_LD_W_ABS, _HARDWARE_TYPE),
            _equal(_ARPHRD_LOOPBACK, "drop"),
            _Step(_LD_B_ABS, 0),
            _Step(_AND, 0xF0),
            _equal(0x40, "ipv4"),
            _equal(0x60, "ipv6"),
            _Step(_LD_W_ABS, 0),
            _equal(_ARP_REQUEST_OR_REPLY_IPV4, "pass", "drop"),
            # IPv4: the first fragment, an echo, the mark.
            _Step(_LD_B_ABS, 9, label="ipv4"),
            _equal(socket.IPPROTO_ICMP, None, "drop"),
            _Step(_LD_H_ABS, 6),
            _Step(_JUMP_SET, 0x1FFF, "drop"),
            _Step(_LDX_IP_LENGTH, 0),
            _Step(_LD_B_IND, 0),
            _equal(echo.ECHO_REQUEST, "marked"),
            _equal(echo.ECHO_REPLY, None, "drop"),
            _Step(_LD_W_IND, mark, label="marked"),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_IND, mark + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_IND, mark + 8),
            _equal(run, "pass", "drop"),
            # IPv6: ICMPv6, perhaps behind the header of a first fragment.
            _Step(_LD_B_ABS, 6, label="ipv6"),
            _equal(44, "fragment"),
            _equal(socket.IPPROTO_ICMPV6, None, "drop"),
            _Step(_LD_B_ABS, 40),
            _equal(_NEIGHBOUR_SOLICITATION, "pass"),
            _equal(_NEIGHBOUR_ADVERTISEMENT, "pass"),
            _equal(echo.ECHO_REQUEST_V6, "marked6"),
            _equal(echo.ECHO_REPLY_V6, None, "drop"),
            _Step(_LD_W_ABS, 40 + mark, label="marked6"),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_ABS, 40 + mark + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_ABS, 40 + mark + 8),
            _equal(run, "pass", "drop"),
            _Step(_LD_B_ABS, 40, label="fragment"),
            _equal(socket.IPPROTO_ICMPV6, None, "drop"),
            _Step(_LD_H_ABS, 42),
            _Step(_JUMP_SET, 0xFFF8, "drop"),
            _Step(_LD_W_ABS, 48 + mark),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_ABS, 48 + mark + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_ABS, 48 + mark + 8),
            _equal(run, "pass", "drop"),
            *_ENDINGS,
        ]
    )


def marked_frames(run: int) -> bytes:
    """Pass a run's frames on a trunk that come in.

    For a packet socket of type SOCK_RAW: the packet begins with its link
    layer's header, without the outer tag, which the kernel has taken off.
    """
    magic = struct.unpack("!II", vlan_frame.MAGIC)
    return _assemble(
        [
            _Step(_LD_W_ABS, _PACKET_TYPE),
            _equal(_PACKET_OUTGOING, "drop"),
            _Step(_LD_H_ABS, vlan_frame.HEADER - 2),
            _equal(vlan_frame.ETHERTYPE, None, "drop"),
            _Step(_LD_W_ABS, vlan_frame.HEADER),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_ABS, vlan_frame.HEADER + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_ABS, vlan_frame.RUN_OFFSET),
            _equal(run, "pass", "drop"),
            *_ENDINGS,
        ]
    )


def dhcp_answers(run: int) -> bytes:
    """Pass what DHCP servers answer to the hosts of a run.

    For a packet socket of type SOCK_RAW, as :func:`marked_frames`.
    """
    ip = dhcp_message.ETHERNET
    message = ip + 8
    first, rest = struct.unpack("!HI", dhcp_message.hardware_address(run))
    return _assemble(
        [
            _Step(_LD_W_ABS, _PACKET_TYPE),
            _equal(_PACKET_OUTGOING, "drop"),
            _Step(_LD_H_ABS, ip - 2),
            _equal(dhcp_message.ETHERTYPE_IPV4, None, "drop"),
            _Step(_LD_B_ABS, ip + 9),
            _equal(socket.IPPROTO_UDP, None, "drop"),
            _Step(_LD_H_ABS, ip + 6),
            _Step(_JUMP_SET, 0x1FFF, "drop"),
            _Step(_LDX_IP_LENGTH, ip),
            _Step(_LD_H_IND, ip + 2),
            _equal(dhcp_message.CLIENT_PORT, None, "drop"),
            _Step(_LD_B_IND, message),
            _equal(dhcp_message.BOOT_REPLY, None, "drop"),
            # The address that was asked for: chaddr.
            _Step(_LD_H_IND, message + 28),
            _equal(first, None, "drop"),
            _Step(_LD_W_IND, message + 30),
            _equal(rest, "pass", "drop"),
            *_endings(MESSAGE_LENGTH),
        ]
    )


def neighbour_answers() -> bytes:
    """Pass ARP replies and neighbour advertisements that come in.

    For a packet socket of type SOCK_RAW, as :func:`marked_frames`.
    """
    header = neighbour_frame.HEADER
    return _assemble(
        [
            _Step(_LD_W_ABS, _PACKET_TYPE),
            _equal(_PACKET_OUTGOING, "drop"),
            _Step(_LD_H_ABS, header - 2),
            _equal(resolution.ETH_P_ARP, "arp"),
            _equal(resolution.ETH_P_IPV6, None, "drop"),
            _Step(_LD_B_ABS, header + 6),
            _equal(neighbour_frame.ICMPV6, None, "drop"),
            _Step(_LD_B_ABS, neighbour_frame.ICMPV6_AT),
            _equal(neighbour_frame.ADVERTISEMENT, "pass", "drop"),
            _Step(_LD_H_ABS, header + 6, label="arp"),
            _equal(neighbour_frame.ARP_REPLY, "pass", "drop"),
            *_ENDINGS,
        ]
    )


def group_messages(run: int) -> bytes:
    """Pass a run's messages to its multicast group that come in.

    For a packet socket of type SOCK_RAW, as :func:`marked_frames`.
    """
    ip = multicast_message.ETHERNET
    udp6 = ip + multicast_message.IPV6_HEADER
    magic = struct.unpack("!II", multicast_message.MAGIC)
    mark = multicast_message.UDP_HEADER
    return _assemble(
        [
            _Step(_LD_W_ABS, _PACKET_TYPE),
            _equal(_PACKET_OUTGOING, "drop"),
            _Step(_LD_H_ABS, ip - 2),
            _equal(resolution.ETH_P_IPV6, "ipv6"),
            _equal(dhcp_message.ETHERTYPE_IPV4, None, "drop"),
            _Step(_LD_B_ABS, ip + 9),
            _equal(multicast_message.UDP, None, "drop"),
            _Step(_LDX_IP_LENGTH, ip),
            _Step(_LD_H_IND, ip + 2),
            _equal(multicast_message.PORT, None, "drop"),
            _Step(_LD_W_IND, ip + mark),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_IND, ip + mark + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_IND, ip + mark + 8),
            _equal(run, "pass", "drop"),
            _Step(_LD_B_ABS, ip + 6, label="ipv6"),
            _equal(multicast_message.UDP, None, "drop"),
            _Step(_LD_H_ABS, udp6 + 2),
            _equal(multicast_message.PORT, None, "drop"),
            _Step(_LD_W_ABS, udp6 + mark),
            _equal(magic[0], None, "drop"),
            _Step(_LD_W_ABS, udp6 + mark + 4),
            _equal(magic[1], None, "drop"),
            _Step(_LD_W_ABS, udp6 + mark + 8),
            _equal(run, "pass", "drop"),
            *_ENDINGS,
        ]
    )
