# SPDX-License-Identifier: Apache-2.0
"""What rtnetlink tells of a link beyond what a snapshot has of all.

See linux/if_link.h.
"""

import struct

from steth.agent.inspect import kinds
from steth.agent.inspect import rtnetlink
from steth.model import interface

_IFF_UP = 0x1
_IFF_RUNNING = 0x40
#: In iproute2's words, in the order it prints them.
_FLAGS = (
    (0x8, "LOOPBACK"),
    (0x2, "BROADCAST"),
    (0x10, "POINTOPOINT"),
    (0x1000, "MULTICAST"),
    (0x80, "NOARP"),
    (0x200, "ALLMULTI"),
    (0x100, "PROMISC"),
    (0x400, "MASTER"),
    (0x800, "SLAVE"),
    (0x4, "DEBUG"),
    (0x8000, "DYNAMIC"),
    (0x4000, "AUTOMEDIA"),
    (0x2000, "PORTSEL"),
    (0x20, "NOTRAILERS"),
    (0x1, "UP"),
    (0x10000, "LOWER_UP"),
    (0x20000, "DORMANT"),
    (0x40000, "ECHO"),
)

_IFLA_ADDRESS = 1
_IFLA_IFNAME = 3
_IFLA_QDISC = 6
_IFLA_LINK = 5
_IFLA_TXQLEN = 13
_IFLA_LINKINFO = 18
_IFLA_IFALIAS = 20
_IFLA_VFINFO_LIST = 22
_IFLA_EXT_MASK = 29
_IFLA_PROMISCUITY = 30
_IFLA_LINK_NETNSID = 37
_IFLA_MIN_MTU = 50
_IFLA_MAX_MTU = 51
_IFLA_PROP_LIST = 52
_IFLA_ALT_IFNAME = 53
_IFLA_PERM_ADDRESS = 54

_IFLA_INFO_KIND = 1
_IFLA_INFO_DATA = 2
_IFLA_INFO_SLAVE_KIND = 4
_IFLA_INFO_SLAVE_DATA = 5

_IFLA_VF_INFO = 1
_IFLA_VF_MAC = 1
_IFLA_VF_VLAN = 2
_IFLA_VF_SPOOFCHK = 4
_IFLA_VF_LINK_STATE = 5
_IFLA_VF_RATE = 6
_IFLA_VF_TRUST = 9
_VF_LINK_STATES = ("auto", "enable", "disable")
_VF_UNKNOWN = 0xFFFFFFFF

_RTEXT_FILTER_VF = 0x1
_RTEXT_FILTER_SKIP_STATS = 0x8


class Found:
    """A link as the kernel tells of it.

    ``interface`` lacks what other links and the driver tell. ``below`` is the
    index of the device below, or of a veth's other end; ``None`` where there
    is none. ``below_id`` is the kernel's number for the network namespace that
    it is in, where it is another one. ``devices`` are the indexes of further
    ones, by what they are.
    """

    def __init__(self, body: bytes) -> None:
        _, _, index, flags, _ = rtnetlink.IFINFO.unpack_from(body)
        self._attributes = rtnetlink.attributes(body, rtnetlink.IFINFO.size)
        info = rtnetlink.attributes(self._value(_IFLA_LINKINFO))
        kind = rtnetlink.text(info.get(_IFLA_INFO_KIND, b""))
        data = info.get(_IFLA_INFO_DATA, b"")
        address = self._value(_IFLA_PERM_ADDRESS)
        self.interface = interface.Interface(
            name=rtnetlink.text(self._value(_IFLA_IFNAME)),
            index=index,
            flags=_flags(flags),
            alias=rtnetlink.text(self._value(_IFLA_IFALIAS)) or None,
            alternative_names=tuple(
                rtnetlink.text(value)
                for attribute, value in rtnetlink.each_attribute(
                    self._value(_IFLA_PROP_LIST)
                )
                if attribute == _IFLA_ALT_IFNAME
            ),
            permanent_mac=address.hex(":") or None,
            # Zero stands for no bound.
            minimum_mtu=self._number(_IFLA_MIN_MTU) or None,
            maximum_mtu=self._number(_IFLA_MAX_MTU) or None,
            queueing=rtnetlink.text(self._value(_IFLA_QDISC)) or None,
            queue_length=self._number(_IFLA_TXQLEN),
            promiscuity=self._number(_IFLA_PROMISCUITY) or 0,
            kind=kind or None,
            details=kinds.details(kind, data),
            port=kinds.port(
                rtnetlink.text(info.get(_IFLA_INFO_SLAVE_KIND, b"")),
                info.get(_IFLA_INFO_SLAVE_DATA, b""),
            ),
            virtual_functions=self._virtual_functions(),
        )
        self.devices = kinds.devices(kind, data)
        self.below_id = self._number(_IFLA_LINK_NETNSID)
        below = self._number(_IFLA_LINK) or None
        # A tunnel that is bound to no device names itself.
        if below == index and self.below_id is None:
            below = None
        self.below = below

    def _value(self, attribute: int) -> bytes:
        return self._attributes.get(attribute, b"")

    def _number(self, attribute: int) -> int | None:
        value = self._attributes.get(attribute)
        return rtnetlink.number(value) if value else None

    def _virtual_functions(self) -> tuple[interface.VirtualFunction, ...]:
        length = len(self._value(_IFLA_ADDRESS))
        return tuple(
            _virtual_function(rtnetlink.attributes(value), length)
            for attribute, value in rtnetlink.each_attribute(
                self._value(_IFLA_VFINFO_LIST)
            )
            if attribute == _IFLA_VF_INFO
        )


def request(
    name: str, *, virtual_functions: bool
) -> tuple[bytes, rtnetlink.Attributes]:
    """Return body and attributes that ask for the link of a name."""
    mask = _RTEXT_FILTER_SKIP_STATS
    if virtual_functions:
        mask |= _RTEXT_FILTER_VF
    return rtnetlink.IFINFO.pack(0, 0, 0, 0, 0), {
        _IFLA_IFNAME: name.encode() + b"\0",
        _IFLA_EXT_MASK: struct.pack("=I", mask),
    }


def _flags(flags: int) -> tuple[str, ...]:
    found = [name for bit, name in _FLAGS if flags & bit]
    if flags & _IFF_UP and not flags & _IFF_RUNNING:
        found.insert(0, "NO-CARRIER")
    return tuple(found)


def _virtual_function(
    attributes: rtnetlink.Attributes, address_length: int
) -> interface.VirtualFunction:
    """Read struct ifla_vf_mac and the others, which begin with the number.

    :param address_length: that of the device's own, in bytes
    """

    def numbers(attribute: int, count: int) -> tuple[int | None, ...]:
        value = attributes.get(attribute, b"")
        form = struct.Struct(f"=4x{count}I")
        if len(value) < form.size:
            return (None,) * count
        return form.unpack_from(value)

    def switch(attribute: int) -> bool | None:
        (value,) = numbers(attribute, 1)
        return None if value in {None, _VF_UNKNOWN} else bool(value)

    mac = attributes.get(_IFLA_VF_MAC, b"")
    (vlan_id, _) = numbers(_IFLA_VF_VLAN, 2)
    (state,) = numbers(_IFLA_VF_LINK_STATE, 1)
    minimum, maximum = numbers(_IFLA_VF_RATE, 2)
    return interface.VirtualFunction(
        number=rtnetlink.number(mac[:4]),
        mac=mac[4 : 4 + address_length].hex(":") or None,
        vlan_id=vlan_id or None,
        spoof_check=switch(_IFLA_VF_SPOOFCHK),
        trusted=switch(_IFLA_VF_TRUST),
        link_state=(
            _VF_LINK_STATES[state]
            if state is not None and state < len(_VF_LINK_STATES)
            else None
        ),
        minimum_rate=minimum,
        maximum_rate=maximum,
    )
