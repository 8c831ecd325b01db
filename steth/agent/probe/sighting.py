# SPDX-License-Identifier: Apache-2.0
"""Counting the packets of a run as they pass the host's devices."""

from collections.abc import Callable
import ipaddress
import socket
import struct

from steth.agent.probe import echo
from steth.model import probe

#: Of what differs in more than the packet's number, that much is kept.
MAX_GROUPS = 100_000

_ECHO_KINDS = {
    echo.ECHO_REQUEST: probe.PacketKind.REQUEST,
    echo.ECHO_REPLY: probe.PacketKind.REPLY,
    echo.ECHO_REQUEST_V6: probe.PacketKind.REQUEST,
    echo.ECHO_REPLY_V6: probe.PacketKind.REPLY,
}
_NEIGHBOUR_SOLICITATION = 135
_NEIGHBOUR_ADVERTISEMENT = 136
#: Type and length of the options that tell the sender's, or the target's,
#: link-layer address (RFC 4861, 4.6.1).
_LINK_LAYER_OPTIONS = frozenset({b"\x01\x01", b"\x02\x01"})
_FRAGMENT_HEADER = 44
_MAX_NUMBER = 1023

#: Length, source and destination of an IPv4 header; of an IPv6 header the
#: length of what follows it, the kind of that, source and destination.
_IPV4 = struct.Struct("!xxH8x4s4s")
_IPV6 = struct.Struct("!4xHBx16s16s")
#: Type and identifier of ICMP; magic, run, index and number of the mark.
_ECHO = struct.Struct("!B3xHxx8sIHH")

#: What packets of one sighting have in common, and of one sender's target:
#: device, whether outgoing, kind, source, destination, size, ICMP
#: identifier, index of the target. A plain tuple, as there is one a packet.
_Group = tuple[int, bool, probe.PacketKind, bytes, bytes, int, int, int]


class Sightings:
    """The packets of one run that were seen.

    :param run: the run's number
    :param addresses: of the neighbour traffic, what is from or for one of
        these counts
    :param device_name: tells the name of a device by its index
    """

    def __init__(
        self,
        run: int,
        addresses: frozenset[bytes],
        device_name: Callable[[int], str],
    ) -> None:
        self._run = run
        self._addresses = addresses
        self._device_name = device_name
        # A bit for each packet's number, so that one seen twice counts once.
        self._echoes: dict[_Group, int] = {}
        self._neighbour: dict[tuple[int, bool, bytes, bytes, bytes], int] = {}
        #: How many packets were not counted for want of room.
        self.lost = 0

    def see(self, device: int, outgoing: bool, packet: memoryview) -> None:
        """Count a packet that begins with its network header."""
        if len(packet) < 28:
            return
        version = packet[0] >> 4
        if version == 4:
            size, source, destination = _IPV4.unpack_from(packet)
            offset = (packet[0] & 0xF) * 4
            ip = source, destination, size
            self._see_echo(device, outgoing, packet, offset, ip)
        elif version == 6:
            self._see_v6(device, outgoing, packet)
        else:
            # ARP for Ethernet and IPv4 (RFC 826).
            self._see_neighbour(
                device,
                outgoing,
                (bytes(packet[14:18]), bytes(packet[24:28])),
                bytes(packet[8:14]),
            )

    def results(self) -> tuple[probe.Sighting, ...]:
        """Return what was seen, in a stable order."""
        counts: dict[
            tuple[probe.PacketKind, bool, str, str, str, int, str], int
        ] = {}

        def add(
            kind: probe.PacketKind,
            where: tuple[int, bool],
            addresses: tuple[bytes, bytes],
            size: int,
            count: int,
            mac: bytes = b"",
        ) -> None:
            key = (
                kind,
                where[1],
                self._device_name(where[0]),
                str(ipaddress.ip_address(addresses[0])),
                str(ipaddress.ip_address(addresses[1])),
                size,
                mac.hex(":"),
            )
            counts[key] = counts.get(key, 0) + count

        for group, numbers in self._echoes.items():
            device, outgoing, kind, source, destination, size, _, _ = group
            add(
                kind,
                (device, outgoing),
                (source, destination),
                size,
                numbers.bit_count(),
            )
        for (device, outgoing, source, target, mac), seen in sorted(
            self._neighbour.items()
        ):
            add(
                probe.PacketKind.ARP,
                (device, outgoing),
                (source, target),
                0,
                seen,
                mac,
            )
        return tuple(
            probe.Sighting(
                kind=key[0],
                outgoing=key[1],
                device=key[2],
                source=key[3],
                destination=key[4],
                size=key[5],
                mac=key[6] or None,
                count=count,
            )
            for key, count in sorted(counts.items())
        )

    def _see_v6(self, device: int, outgoing: bool, packet: memoryview) -> None:
        if len(packet) < echo.IPV6_HEADER + echo.ICMP_HEADER:
            return
        length, following, source, destination = _IPV6.unpack_from(packet)
        offset = echo.IPV6_HEADER
        if following == _FRAGMENT_HEADER:
            offset += 8
        kind = packet[offset]
        if kind not in {_NEIGHBOUR_SOLICITATION, _NEIGHBOUR_ADVERTISEMENT}:
            size = echo.IPV6_HEADER + length
            ip = source, destination, size
            self._see_echo(device, outgoing, packet, offset, ip)
            return
        # RFC 4861: whom it is about follows the ICMPv6 header.
        about = bytes(packet[offset + 8 : offset + 24])
        if len(about) < 16:
            return
        # Its link-layer address is the first option, if there is one.
        option = bytes(packet[offset + 24 : offset + 32])
        mac = option[2:] if option[:2] in _LINK_LAYER_OPTIONS else b""
        ends = (source, about)
        if kind == _NEIGHBOUR_ADVERTISEMENT:
            ends = (about, destination)
        self._see_neighbour(device, outgoing, ends, mac)

    def _see_echo(
        self,
        device: int,
        outgoing: bool,
        packet: memoryview,
        offset: int,
        ip: tuple[bytes, bytes, int],
    ) -> None:
        if len(packet) < offset + _ECHO.size:
            return
        icmp, identifier, magic, run, index, number = _ECHO.unpack_from(
            packet, offset
        )
        kind = _ECHO_KINDS.get(icmp)
        if kind is None or magic != echo.MAGIC or run != self._run:
            return
        group = (device, outgoing, kind, *ip, identifier, index)
        seen = self._echoes.get(group)
        if seen is None:
            if len(self._echoes) >= MAX_GROUPS:
                self.lost += 1
                return
            seen = 0
        # No request has more packets a target; a forged number is bounded.
        self._echoes[group] = seen | 1 << min(number, _MAX_NUMBER)

    def _see_neighbour(
        self,
        device: int,
        outgoing: bool,
        ends: tuple[bytes, bytes],
        mac: bytes,
    ) -> None:
        if not set(ends) & self._addresses:
            return
        key = (device, outgoing, *ends, mac)
        if key not in self._neighbour and len(self._neighbour) >= MAX_GROUPS:
            self.lost += 1
            return
        self._neighbour[key] = self._neighbour.get(key, 0) + 1


def packed(address: str) -> bytes:
    """Return an address as it is in a packet, without a scope."""
    text = address.partition("%")[0]
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)
