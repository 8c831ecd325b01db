# SPDX-License-Identifier: Apache-2.0
"""The kernel's bridges as rtnetlink tells of them, see linux/if_bridge.h."""

import socket
import struct
from typing import NamedTuple

from steth.agent.inspect import links
from steth.agent.inspect import namespace
from steth.agent.inspect import rtnetlink
from steth.model import bridge
from steth.model import host as host_model
from steth.model import vlan_range

_IFLA_LINKINFO = 18
_IFLA_AF_SPEC = 26
_IFLA_EXT_MASK = 29
_IFLA_INFO_DATA = 2
_IFLA_INFO_SLAVE_DATA = 5
_IFLA_BR_STP_STATE = 5
_IFLA_BR_VLAN_FILTERING = 7
_IFLA_BRPORT_STATE = 1
_IFLA_BRIDGE_VLAN_INFO = 2
_RTEXT_FILTER_BRVLAN_COMPRESSED = 0x4

#: struct bridge_vlan_info: flags, id
_VLAN_INFO = struct.Struct("=HH")
_PVID = 0x2
_UNTAGGED = 0x4
_RANGE_BEGIN = 0x8
_RANGE_END = 0x10

#: BR_STATE_…, in the words of bridge(8).
_STATES = ("disabled", "listening", "learning", "forwarding", "blocking")


class _Device(NamedTuple):
    """A link, with what its kind and its bridge say of it."""

    link: host_model.Link
    own: rtnetlink.Attributes
    as_port: rtnetlink.Attributes


class _Vlans(NamedTuple):
    """The VLANs of a port: that of packets without a tag, and the others.

    ``strips`` says that the first leaves without a tag, too.
    """

    native: int | None = None
    strips: bool = False
    others: frozenset[int] = frozenset()


def read() -> tuple[tuple[bridge.Bridge, ...], bool]:
    """Return the bridges of the namespace, by name, and whether cut short.

    :raises OSError: the kernel refused
    """
    bodies, truncated = namespace.dump(
        rtnetlink.RTM_GETLINK,
        links.REQUEST,
        namespace.MAX_LINKS,
        links.REQUEST_ATTRIBUTES,
    )
    names = dict(links.index_and_name(body) for body in bodies)
    devices = sorted(
        (_device(body, names) for body in bodies),
        key=lambda one: one.link.name,
    )
    bridges = [one for one in devices if one.link.kind == "bridge"]
    vlans = {}
    if any(map(_is_aware, bridges)):
        vlans = _read_vlans()
    return tuple(_bridge(one, devices, vlans) for one in bridges), truncated


def _device(body: bytes, names: dict[int, str]) -> _Device:
    attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
    info = rtnetlink.attributes(attributes.get(_IFLA_LINKINFO, b""))
    return _Device(
        links.decode(body, names),
        rtnetlink.attributes(info.get(_IFLA_INFO_DATA, b"")),
        rtnetlink.attributes(info.get(_IFLA_INFO_SLAVE_DATA, b"")),
    )


def _is_aware(device: _Device) -> bool:
    return bool(any(device.own.get(_IFLA_BR_VLAN_FILTERING, b"")))


def _bridge(
    device: _Device, devices: list[_Device], vlans: dict[int, _Vlans]
) -> bridge.Bridge:
    aware = _is_aware(device)
    return bridge.Bridge(
        name=device.link.name,
        kind=bridge.BridgeKind.LINUX,
        ports=tuple(
            _port(one, vlans.get(one.link.index, _Vlans()) if aware else None)
            for one in devices
            if one.link.master == device.link.name
        ),
        stp=any(device.own.get(_IFLA_BR_STP_STATE, b"")),
        vlan_aware=aware,
    )


def _port(device: _Device, vlans: _Vlans | None) -> bridge.Port:
    link = device.link
    state = rtnetlink.number(device.as_port.get(_IFLA_BRPORT_STATE, b"\xff"))
    return bridge.Port(
        name=link.name,
        interfaces=(
            bridge.Interface(
                name=link.name,
                kind=link.kind or "system",
                mac=link.mac,
                mtu=link.mtu,
                admin_up=link.admin_up,
                link_up=link.carrier,
            ),
        ),
        mode=_mode(vlans) if vlans else None,
        tag=vlans.native if vlans else None,
        trunks=vlan_range.compact(vlans.others) if vlans else None,
        state=_STATES[state] if state < len(_STATES) else None,
    )


def _mode(vlans: _Vlans) -> bridge.VlanMode:
    """Say it in the words of Open vSwitch."""
    if vlans.native is None:
        return bridge.VlanMode.TRUNK
    if not vlans.strips:
        return bridge.VlanMode.NATIVE_TAGGED
    if vlans.others:
        return bridge.VlanMode.NATIVE_UNTAGGED
    return bridge.VlanMode.ACCESS


def _read_vlans() -> dict[int, _Vlans]:
    """Return the VLANs of each port of each bridge, by the port's index."""
    bodies, _ = namespace.dump(
        rtnetlink.RTM_GETLINK,
        rtnetlink.IFINFO.pack(socket.AF_BRIDGE, 0, 0, 0, 0),
        namespace.MAX_LINKS,
        {_IFLA_EXT_MASK: struct.pack("=I", _RTEXT_FILTER_BRVLAN_COMPRESSED)},
    )
    found = {}
    for body in bodies:
        index = rtnetlink.IFINFO.unpack_from(body)[2]
        attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
        found[index] = _vlans(attributes.get(_IFLA_AF_SPEC, b""))
    return found


def _vlans(specification: bytes) -> _Vlans:
    native, strips = None, False
    others: set[int] = set()
    first = 0
    for kind, value in rtnetlink.each_attribute(specification):
        if kind != _IFLA_BRIDGE_VLAN_INFO or len(value) < _VLAN_INFO.size:
            continue
        flags, number = _VLAN_INFO.unpack_from(value)
        if flags & _RANGE_BEGIN:
            first = number
        elif flags & _PVID:
            native, strips = number, bool(flags & _UNTAGGED)
        elif flags & _RANGE_END:
            others.update(range(first, number + 1))
        else:
            others.add(number)
    return _Vlans(native, strips, frozenset(others))
