# SPDX-License-Identifier: Apache-2.0
"""DHCP messages that find servers and ask them for nothing more.

A DHCPDISCOVER (RFC 2131, 4.4.1) in an Ethernet frame. It says that it is
Steth's in its client identifier, and asks for the answer as a broadcast,
since nobody has the address that it names as its own. No DHCPREQUEST ever
follows, so that no address is given away.
"""

import ipaddress
import struct
from typing import NamedTuple

from steth.agent.probe import resolution

ETHERTYPE_IPV4 = 0x0800
CLIENT_PORT = 68
BOOT_REPLY = 2
_SERVER_PORT = 67
_TPID = 0x8100
_BROADCAST = b"\xff" * 6
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_UDP = struct.Struct("!HHHH")
#: To the end of chaddr; then come sname, file and the options (RFC 2131, 2).
_BOOTP = struct.Struct("!BBBBIHH4s4s4s4s16s")
_NAMES = 64 + 128
_COOKIE = b"\x63\x82\x53\x63"
_BROADCAST_FLAG = 0x8000
#: What BOOTP relays and servers take for a whole message (RFC 1542, 2.1).
_LEAST = 300
ETHERNET = 14

# Options, RFC 2132.
_PAD = 0
_MESSAGE_TYPE = 53
_SERVER_IDENTIFIER = 54
_PARAMETERS = 55
_CLIENT_IDENTIFIER = 61
_END = 255
_DISCOVER = 1
_OFFER = 2

#: The transaction id is made of a number for each host and the VLAN.
VLAN_BITS = 12
_VLAN_MASK = (1 << VLAN_BITS) - 1


class Offer(NamedTuple):
    """What a server answered; addresses as text, None for 0.0.0.0."""

    asked_on: int
    server: str | None
    mac: str
    source: str
    relay: str | None
    offered: str | None


def hardware_address(run: int) -> bytes:
    """Return the address that the hosts of a run ask for.

    It is a locally administered one (IEEE 802), so nobody's.
    """
    return b"\x02\x53" + struct.pack("!I", run)


def transaction(number: int, vlan: int) -> int:
    """Return the transaction id of a host's messages on a VLAN.

    :param number: the host's own, of 20 bits
    """
    return (number << VLAN_BITS) | vlan


def discover(source: bytes, run: int, number: int, vlan: int) -> bytes:
    """Return a DHCPDISCOVER as an Ethernet frame.

    :param source: the hardware address of the interface that sends it
    :param number: the host's own, see :func:`transaction`
    :param vlan: 0 for a frame without a tag
    """
    client = hardware_address(run)
    identifier = b"\x00steth-" + f"{run:08x}".encode()
    options = (
        _COOKIE
        + bytes([_MESSAGE_TYPE, 1, _DISCOVER])
        + bytes([_CLIENT_IDENTIFIER, len(identifier)])
        + identifier
        # Subnet mask, router, name servers: what any client asks for.
        + bytes([_PARAMETERS, 3, 1, 3, 6, _END])
    )
    message = (
        _BOOTP.pack(
            *(1, 1, 6, 0, transaction(number, vlan), 0, _BROADCAST_FLAG),
            *(bytes(4), bytes(4), bytes(4), bytes(4)),
            client,
        )
        + bytes(_NAMES)
        + options
    ).ljust(_LEAST, b"\0")
    # A checksum of 0 says that there is none (RFC 768).
    datagram = (
        _UDP.pack(CLIENT_PORT, _SERVER_PORT, _UDP.size + len(message), 0)
        + message
    )
    header = _ipv4_header(len(datagram))
    tag = struct.pack("!HH", _TPID, vlan) if vlan else b""
    kind = struct.pack("!H", ETHERTYPE_IPV4)
    return _BROADCAST + source + tag + kind + header + datagram


def read(frame: bytes | memoryview, run: int, number: int) -> Offer | None:
    """Return what a frame offers to this host; None if it does not.

    :param frame: without its outer tag, which the kernel has taken off
    """
    data = bytes(frame)
    start = ETHERNET + (data[ETHERNET] & 0xF) * 4 if len(data) > 34 else 34
    message = data[start + _UDP.size :]
    if len(message) < _BOOTP.size + _NAMES + len(_COOKIE):
        return None
    kind, _, _, _, xid, _, _, _, offered, _, relay, client = (
        _BOOTP.unpack_from(message)
    )
    if (
        kind != BOOT_REPLY
        or xid >> VLAN_BITS != number
        or client[:6] != hardware_address(run)
    ):
        return None
    options = _options(message[_BOOTP.size + _NAMES :])
    if options.get(_MESSAGE_TYPE) not in (None, bytes([_OFFER])):
        return None
    server = options.get(_SERVER_IDENTIFIER, b"")
    return Offer(
        asked_on=xid & _VLAN_MASK,
        server=_address(server) if len(server) == 4 else None,
        mac=data[6:12].hex(":"),
        source=str(ipaddress.IPv4Address(data[ETHERNET + 12 : ETHERNET + 16])),
        relay=_address(relay),
        offered=_address(offered),
    )


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    if not data.startswith(_COOKIE):
        return found
    at = len(_COOKIE)
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 1 >= len(data):
            break
        length = data[at + 1]
        found.setdefault(data[at], data[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def _address(packed: bytes) -> str | None:
    return str(ipaddress.IPv4Address(packed)) if any(packed) else None


def _ipv4_header(length: int) -> bytes:
    header = _IPV4.pack(
        *(0x45, 0, _IPV4.size + length, 0, 0, 64, 17, 0),
        *(bytes(4), b"\xff" * 4),
    )
    checksum = struct.pack("!H", resolution.checksum(header))
    return header[:10] + checksum + header[12:]
