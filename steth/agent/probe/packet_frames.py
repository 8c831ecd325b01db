# SPDX-License-Identifier: Apache-2.0
"""Frames as bytes: built from their parts, or read from a file.

Only what sends frames imports this, when it does: scapy takes a second and
40 MB, which an agent that is never asked to need not have.
"""

import io
import ipaddress
import secrets
import struct
from typing import Any

from scapy import config
from scapy import error as scapy_error
from scapy import packet as scapy_packet
from scapy import utils
from scapy.layers import dhcp
from scapy.layers import inet
from scapy.layers import inet6
from scapy.layers import l2

from steth.rpc import errors
from steth.rpc import requests

#: More frames are not taken from a file.
MAX_FRAMES = 1000

_ETHERNET = 1
_SHORTEST = 14
_EPHEMERAL = 49152

#: How a pcap file begins, in either byte order and with either unit of time
#: (draft-ietf-opsawg-pcap, 4), and a pcapng file (draft-ietf-opsawg-pcapng,
#: 4.1).
_MAGICS = (
    b"\xa1\xb2\xc3\xd4",
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x4d\x3c\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",
)
#: Of gzip, RFC 1952, 2.3.1.
_GZIP = b"\x1f\x8b"

# Ports are told as numbers.
config.conf.noenum.add(
    inet.TCP.sport, inet.TCP.dport, inet.UDP.sport, inet.UDP.dport
)


def build(frame: requests.Frame) -> bytes:
    """Return a frame whose addresses are all given."""
    packet = l2.Ether(src=frame.source_mac, dst=frame.destination_mac)
    for index, tag in enumerate(frame.vlans):
        outer = index == 0 and len(frame.vlans) > 1
        kind = l2.Dot1AD if outer else l2.Dot1Q
        packet /= kind(vlan=tag.id, prio=tag.priority)
    if frame.ethertype is not None:
        packet.lastlayer().type = frame.ethertype
    else:
        packet /= _content(frame)
    if frame.payload:
        packet /= frame.payload
    return bytes(packet)


def _content(frame: requests.Frame) -> Any:
    """Return all above Ethernet but the payload."""
    match frame.protocol:
        case "arp":
            reply = frame.arp_operation == "reply"
            return l2.ARP(
                op=2 if reply else 1,
                hwsrc=frame.source_mac,
                psrc=frame.source,
                hwdst=frame.destination_mac if reply else "00:00:00:00:00:00",
                pdst=frame.destination,
            )
        case "dhcp":
            # RFC 2131, 4.1: answered by broadcast.
            return (
                inet.IP(src="0.0.0.0", dst="255.255.255.255")  # noqa: S104
                / inet.UDP(sport=68, dport=67)
                / dhcp.BOOTP(
                    chaddr=bytes.fromhex(
                        (frame.source_mac or "").replace(":", "")
                    ),
                    xid=secrets.randbits(32),
                    flags=0x8000,
                )
                / dhcp.DHCP(options=[("message-type", "discover"), "end"])
            )
        case "udp":
            return _ip(frame) / inet.UDP(**_ports(frame))
        case "tcp":
            flags = "S" if frame.tcp_flags is None else frame.tcp_flags
            return _ip(frame) / inet.TCP(flags=flags, **_ports(frame))
        case _:
            return _ip(frame) / _icmp(frame)


def _ip(frame: requests.Frame) -> Any:
    given: dict[str, Any] = {"src": frame.source, "dst": frame.destination}
    traffic_class = (frame.dscp or 0) << 2
    if ipaddress.ip_address(frame.destination or "").version == 4:
        return inet.IP(ttl=frame.ttl or 64, tos=traffic_class, **given)
    return inet6.IPv6(hlim=frame.ttl or 64, tc=traffic_class, **given)


def _icmp(frame: requests.Frame) -> Any:
    code = frame.icmp_code or 0
    if ipaddress.ip_address(frame.destination or "").version == 4:
        kind = 8 if frame.icmp_type is None else frame.icmp_type
        return inet.ICMP(type=kind, code=code)
    if frame.icmp_type in {None, 128}:
        return inet6.ICMPv6EchoRequest(code=code)
    return inet6.ICMPv6Unknown(type=frame.icmp_type, code=code)


def _ports(frame: requests.Frame) -> dict[str, int]:
    source = frame.source_port
    return {
        "sport": _EPHEMERAL if source is None else source,
        "dport": frame.destination_port or 0,
    }


def read(content: bytes) -> list[bytes]:
    """Return the frames of a pcap or pcapng file.

    They have no more bytes together than the file.

    :raises errors.OperationError: ``bad-argument``, saying what is wrong
    """
    # Scapy would unpack it, to a size that nobody bounds.
    if content.startswith(_GZIP):
        raise _bad("it is compressed: unpack it first, with gunzip")
    if not content.startswith(_MAGICS):
        raise _bad("it is neither a pcap nor a pcapng file")
    frames = []
    try:
        reader = utils.RawPcapReader(io.BytesIO(content))
        for number, (data, about) in enumerate(reader, 1):
            if number > MAX_FRAMES:
                raise _bad(f"it has more than {MAX_FRAMES} packets")
            # A pcapng file says it for each packet, a pcap file once.
            said_by = about if hasattr(about, "linktype") else reader
            if said_by.linktype != _ETHERNET:
                raise _bad(f"packet {number} is not of Ethernet")
            if len(data) < _SHORTEST:
                raise _bad(f"packet {number} is shorter than a header")
            whole = getattr(about, "wirelen", None)
            if whole is not None and whole > len(data):
                raise _bad(
                    f"packet {number} was cut off when it was captured: "
                    f"{len(data)} of {whole} bytes"
                )
            frames.append(data)
    except (scapy_error.Scapy_Exception, struct.error, EOFError) as error:
        raise _bad(str(error)) from error
    if not frames:
        raise _bad("it has no packet")
    return frames


def describe(frame: bytes, destination: str | None = None) -> str:
    """Say in a line what a frame is.

    :param destination: what to say instead of the MAC address that it has
    """
    layer = l2.Ether(frame)
    said = f"{layer.src} > {destination or layer.dst}"
    # Of IEEE 802.3 it has a length there.
    ethertype, inner = getattr(layer, "type", None), layer.payload
    while isinstance(inner, l2.Dot1Q):
        said += f", VLAN {inner.vlan}"
        if inner.prio:
            said += f" priority {inner.prio}"
        ethertype, inner = inner.type, inner.payload
    if isinstance(inner, scapy_packet.Raw | scapy_packet.NoPayload):
        content = "" if ethertype is None else f"EtherType 0x{ethertype:04x}"
    else:
        content = inner.summary()
        source = getattr(inner, "src", None)
        if source is not None and source not in content:
            content += f" {source} > {inner.dst}"
    return f"{said}: {content}, {len(frame)} bytes"


def _bad(why: str) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BAD_ARGUMENT, f"file: {why}", "file"
    )
