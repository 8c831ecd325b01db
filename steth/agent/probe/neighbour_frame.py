# SPDX-License-Identifier: Apache-2.0
"""Questions for hardware addresses as whole frames, and their answers.

ARP (RFC 826) and IPv6 neighbour discovery (RFC 4861). A question from nobody
is an ARP probe (RFC 5227, 2.1.1) or a solicitation as for duplicate address
detection (RFC 4862, 5.4.2): nobody learns an address of ours from it.
"""

import ipaddress
import struct
from typing import NamedTuple

from steth.agent.probe import resolution

HEADER = 14
ARP_REPLY = 2
ICMPV6 = 58
ADVERTISEMENT = 136
#: Where the first byte of ICMPv6 is in a frame, without extension headers.
ICMPV6_AT = HEADER + 40
_TPID = 0x8100
#: From the operation: it, then MAC and IP of sender and of target (RFC 826).
_ARP = struct.Struct("!H6s4s6s4s")
_ARP_AT = HEADER + 6
#: Type, code, checksum, flags, target (RFC 4861, 4.4), then options.
_ADVERTISEMENT = struct.Struct("!BBHI16s")
_TARGET_MAC = 2
_LEAST = 60


class Answer(NamedTuple):
    """Who says to have an address; both as text."""

    address: str
    mac: str


def question(mac: bytes, vlan: int, address: str, source: str | None) -> bytes:
    """Return a question as an Ethernet frame.

    :param mac: the hardware address of the interface that sends it
    :param vlan: 0 for a frame without a tag
    :param source: who asks, None for nobody
    """
    target = ipaddress.ip_address(address).packed
    packet = resolution.packet(
        resolution.Question(
            device=1,
            mac=mac,
            source=ipaddress.ip_address(source).packed
            if source
            else bytes(len(target)),
            target=target,
        )
    )
    tag = struct.pack("!HH", _TPID, vlan) if vlan else b""
    frame = (
        packet.destination
        + mac
        + tag
        + struct.pack("!H", packet.protocol)
        + packet.content
    )
    return frame.ljust(_LEAST + len(tag), b"\0")


def read(frame: bytes | memoryview) -> Answer | None:
    """Return what a frame answers; None if it is no answer.

    :param frame: without its outer tag, which the kernel has taken off
    """
    data = bytes(frame)
    if len(data) < _ARP_AT + _ARP.size:
        return None
    protocol = int.from_bytes(data[HEADER - 2 : HEADER])
    if protocol == resolution.ETH_P_ARP:
        operation, mac, address, _, _ = _ARP.unpack_from(data, _ARP_AT)
        if operation != ARP_REPLY:
            return None
        return Answer(str(ipaddress.IPv4Address(address)), mac.hex(":"))
    if protocol != resolution.ETH_P_IPV6 or data[HEADER + 6] != ICMPV6:
        return None
    if len(data) < ICMPV6_AT + _ADVERTISEMENT.size:
        return None
    kind, _, _, _, address = _ADVERTISEMENT.unpack_from(data, ICMPV6_AT)
    if kind != ADVERTISEMENT:
        return None
    option = data[ICMPV6_AT + _ADVERTISEMENT.size :][:8]
    mac = data[6:12]
    if len(option) == 8 and option[0] == _TARGET_MAC and option[1] == 1:
        mac = option[2:]
    return Answer(str(ipaddress.IPv6Address(address)), mac.hex(":"))
