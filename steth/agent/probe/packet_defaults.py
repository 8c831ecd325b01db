# SPDX-License-Identifier: Apache-2.0
"""What the agent fills into a frame: its own addresses, and where it goes."""

from collections.abc import Callable
import ipaddress

import msgspec

from steth.model import host as host_model
from steth.rpc import errors
from steth.rpc import requests

_MAIN_TABLE = 254
_BROADCAST = "ff:ff:ff:ff:ff:ff"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Returns the hardware address of a neighbour, ``None`` if it keeps silent.
Resolve = Callable[[str], str | None]


def fill(
    frame: requests.Frame,
    link: host_model.Link,
    space: host_model.Namespace,
    resolve: Resolve,
) -> requests.Frame:
    """Return the frame with all of its addresses.

    :param link: the interface that it leaves by
    :param space: what the network namespace of that has
    :raises errors.OperationError: ``bad-argument``, naming what it cannot
        find by itself
    """
    if frame.source_mac is None:
        if link.mac is None:
            raise _unknown("source_mac", f"{link.name} has no MAC address")
        frame = msgspec.structs.replace(frame, source_mac=link.mac)
    if frame.destination is not None and frame.source is None:
        frame = msgspec.structs.replace(
            frame, source=_source(frame, link, space)
        )
    if frame.destination_mac is None:
        frame = msgspec.structs.replace(
            frame,
            destination_mac=_destination_mac(frame, link, space, resolve),
        )
    return frame


def _source(
    frame: requests.Frame, link: host_model.Link, space: host_model.Namespace
) -> str:
    destination = ipaddress.ip_address(frame.destination or "")
    own = [
        one
        for one in space.addresses
        if one.device == link.name and one.family == destination.version
    ]
    if not own:
        if frame.protocol == "arp":
            # A probe of RFC 5227, which nobody takes for an answer.
            return "0.0.0.0"  # noqa: S104
        raise _unknown(
            "source", f"{link.name} has no IPv{destination.version} address"
        )

    def nearness(one: host_model.Address) -> tuple[bool, bool]:
        return destination in _network(one), one.scope == "global"

    return max(own, key=nearness).address


def _destination_mac(
    frame: requests.Frame,
    link: host_model.Link,
    space: host_model.Namespace,
    resolve: Resolve,
) -> str:
    if frame.destination is None or (
        frame.protocol == "arp" and frame.arp_operation != "reply"
    ):
        return _BROADCAST
    destination = ipaddress.ip_address(frame.destination)
    if _is_broadcast(destination, link, space):
        return _BROADCAST
    if destination.is_multicast:
        return _multicast_mac(destination)
    if frame.vlans:
        raise _unknown(
            "destination_mac",
            f"{destination} is not looked for in the frame's VLAN",
        )
    hop = _next_hop(destination, link, space)
    if hop is None:
        raise _unknown(
            "destination_mac",
            f"no route leads to {destination} by {link.name}",
        )
    mac = resolve(hop)
    if mac is None:
        raise _unknown(
            "destination_mac", f"{hop} does not resolve on {link.name}"
        )
    return mac


def _is_broadcast(
    destination: _Address, link: host_model.Link, space: host_model.Namespace
) -> bool:
    return destination.version == 4 and (
        int(destination) == 0xFFFFFFFF
        or any(
            _network(one).broadcast_address == destination
            for one in space.addresses
            if one.device == link.name
            and one.family == 4
            and one.prefix_length < 31
        )
    )


def _multicast_mac(group: _Address) -> str:
    """Return where a group is on Ethernet (RFC 1112 6.4, RFC 2464 7)."""
    if group.version == 6:
        return (b"\x33\x33" + group.packed[12:]).hex(":")
    low = int(group) & 0x7FFFFF
    return (b"\x01\x00\x5e" + low.to_bytes(3, "big")).hex(":")


def _next_hop(
    destination: _Address, link: host_model.Link, space: host_model.Namespace
) -> str | None:
    """Return the neighbour that is handed a packet by this interface."""
    found = [
        (ipaddress.ip_network(one.destination).prefixlen, one)
        for one in space.routes
        if one.device == link.name
        and one.kind == "unicast"
        and one.table == _MAIN_TABLE
        and destination in ipaddress.ip_network(one.destination)
    ]
    if not found:
        return None
    _, route = max(found, key=lambda pair: (pair[0], -(pair[1].metric or 0)))
    return route.gateway or str(destination)


def _network(
    one: host_model.Address,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_interface(f"{one.address}/{one.prefix_length}").network


def _unknown(argument: str, why: str) -> errors.OperationError:
    return errors.OperationError(
        errors.ErrorCode.BAD_ARGUMENT, f"{argument}: {why}: give it", argument
    )
