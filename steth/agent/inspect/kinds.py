# SPDX-License-Identifier: Apache-2.0
"""What rtnetlink tells of one kind of device, see linux/if_link.h.

The attributes mean something else for each kind. Names, values and units are
those of iproute2 in the JSON of ``ip -details link``, save that a part of a
bond is its member, and that a VXLAN's group is its remote. Those that nobody
asks for are left out.
"""

from collections.abc import Callable
from collections.abc import Mapping

from steth.agent.inspect import rtnetlink
from steth.model import interface

#: Turns the value of an attribute into what is told; None for nothing.
_Decode = Callable[[bytes], bool | int | str | None]
_Table = Mapping[int, tuple[str, _Decode]]

_VLAN_PROTOCOLS = {0x8100: "802.1Q", 0x88A8: "802.1ad"}

_AD_INFO = 23


def _switch(value: bytes) -> bool:
    return bool(rtnetlink.number(value))


def _big_endian(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _external(value: bytes) -> bool | None:
    """Return what tells that others choose where each packet goes.

    One kind of device has the attribute only then, another one has a number.
    """
    return not value or any(value) or None


def _key(value: bytes) -> int | None:
    return _big_endian(value) or None


def _address(value: bytes) -> str | None:
    """Return an address, None for the one that stands for none."""
    return rtnetlink.address(value) if any(value) else None


def _mac(value: bytes) -> str:
    return value.hex(":")


def _bridge_id(value: bytes) -> str:
    """Return priority and address (IEEE 802.1D), both in hexadecimal."""
    return f"{value[:2].hex()}.{value[2:].hex(':')}"


def _vlan_protocol(value: bytes) -> str:
    number = _big_endian(value)
    return _VLAN_PROTOCOLS.get(number, f"0x{number:04x}")


def _one_of(names: Mapping[int, str] | tuple[str, ...]) -> _Decode:
    known = dict(enumerate(names)) if isinstance(names, tuple) else names

    def decode(value: bytes) -> str:
        number = rtnetlink.number(value)
        return known.get(number, str(number))

    return decode


_BOND_MODE = _one_of(
    (
        "balance-rr",
        "active-backup",
        "balance-xor",
        "broadcast",
        "802.3ad",
        "balance-tlb",
        "balance-alb",
    )
)
_BOND_HASH = _one_of(
    ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac")
)
_MACVLAN: _Table = {
    1: (
        "mode",
        _one_of(
            {1: "private", 2: "vepa", 4: "bridge", 8: "passthru", 16: "source"}
        ),
    ),
}
_GRE: _Table = {
    4: ("ikey", _key),
    5: ("okey", _key),
    6: ("local", _address),
    7: ("remote", _address),
    8: ("ttl", rtnetlink.number),
    18: ("external", _external),
}

#: IFLA_INFO_DATA by IFLA_INFO_KIND.
_KINDS: Mapping[str, _Table] = {
    "bond": {
        1: ("mode", _BOND_MODE),
        3: ("miimon", rtnetlink.number),
        4: ("updelay", rtnetlink.number),
        5: ("downdelay", rtnetlink.number),
        7: ("arp_interval", rtnetlink.number),
        14: ("xmit_hash_policy", _BOND_HASH),
        18: ("min_links", rtnetlink.number),
        21: ("ad_lacp_rate", _one_of(("slow", "fast"))),
    },
    "bridge": {
        1: ("forward_delay", rtnetlink.number),
        4: ("ageing_time", rtnetlink.number),
        5: ("stp_state", _switch),
        6: ("priority", rtnetlink.number),
        7: ("vlan_filtering", _switch),
        8: ("vlan_protocol", _vlan_protocol),
        10: ("root_id", _bridge_id),
        11: ("bridge_id", _bridge_id),
        23: ("mcast_snooping", _switch),
        25: ("mcast_querier", _switch),
        36: ("nf_call_iptables", _switch),
        37: ("nf_call_ip6tables", _switch),
        38: ("nf_call_arptables", _switch),
        39: ("vlan_default_pvid", rtnetlink.number),
    },
    "geneve": {
        1: ("id", rtnetlink.number),
        2: ("remote", _address),
        3: ("ttl", rtnetlink.number),
        5: ("port", _big_endian),
        6: ("external", _external),
        7: ("remote", _address),
    },
    "gre": _GRE,
    "gretap": _GRE,
    "ip6gre": _GRE,
    "ip6gretap": _GRE,
    "ipvlan": {1: ("mode", _one_of(("l2", "l3", "l3s")))},
    "macvlan": _MACVLAN,
    "macvtap": _MACVLAN,
    "tun": {
        1: ("user", rtnetlink.number),
        2: ("group", rtnetlink.number),
        3: ("type", _one_of({1: "tun", 2: "tap"})),
        5: ("vnet_hdr", _switch),
        6: ("persist", _switch),
        7: ("multi_queue", _switch),
        8: ("numqueues", rtnetlink.number),
        9: ("numdisabled", rtnetlink.number),
    },
    "vlan": {
        1: ("id", rtnetlink.number),
        5: ("protocol", _vlan_protocol),
    },
    "vrf": {1: ("table", rtnetlink.number)},
    "vxlan": {
        1: ("id", rtnetlink.number),
        2: ("remote", _address),
        4: ("local", _address),
        5: ("ttl", rtnetlink.number),
        7: ("learning", _switch),
        8: ("ageing", rtnetlink.number),
        15: ("port", _big_endian),
        16: ("remote", _address),
        17: ("local", _address),
        25: ("external", _external),
    },
}

#: IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND.
_PORTS: Mapping[str, _Table] = {
    "bond": {
        1: ("state", _one_of(("ACTIVE", "BACKUP"))),
        2: (
            "mii_status",
            _one_of(("UP", "GOING_DOWN", "DOWN", "GOING_BACK")),
        ),
        3: ("link_failure_count", rtnetlink.number),
        4: ("perm_hwaddr", _mac),
        6: ("ad_aggregator_id", rtnetlink.number),
    },
    "bridge": {
        1: (
            "state",
            _one_of(
                ("disabled", "listening", "learning", "forwarding", "blocking")
            ),
        ),
        2: ("priority", rtnetlink.number),
        3: ("cost", rtnetlink.number),
        4: ("hairpin", _switch),
        5: ("guard", _switch),
        8: ("learning", _switch),
        9: ("flood", _switch),
        10: ("proxy_arp", _switch),
        27: ("mcast_flood", _switch),
        30: ("bcast_flood", _switch),
        32: ("neigh_suppress", _switch),
        33: ("isolated", _switch),
    },
    "vrf": {1: ("table", rtnetlink.number)},
}

#: What IFLA_BOND_AD_INFO holds, of a bond that speaks LACP.
_LACP: _Table = {
    1: ("aggregator", rtnetlink.number),
    2: ("num_ports", rtnetlink.number),
    3: ("actor_key", rtnetlink.number),
    4: ("partner_key", rtnetlink.number),
    5: ("partner_mac", _mac),
}

#: Attributes of a kind that are the index of another device.
_DEVICES: Mapping[str, Mapping[int, str]] = {
    "bond": {2: "active_member", 11: "primary"},
    "vxlan": {3: "link"},
}


def details(kind: str, data: bytes) -> interface.Details:
    """Return the properties of a device of a kind.

    :param data: the value of IFLA_INFO_DATA
    """
    attributes = rtnetlink.attributes(data)
    found = _decoded(attributes, _KINDS.get(kind, {}))
    if kind == "bond" and _AD_INFO in attributes:
        lacp = rtnetlink.attributes(attributes[_AD_INFO])
        found |= _decoded(lacp, _LACP)
    return found


def port(kind: str, data: bytes) -> interface.Details:
    """Return the properties of a port of a kind of device.

    :param data: the value of IFLA_INFO_SLAVE_DATA
    """
    return _decoded(rtnetlink.attributes(data), _PORTS.get(kind, {}))


def devices(kind: str, data: bytes) -> dict[str, int]:
    """Return the indexes of the devices that belong to one of a kind."""
    attributes = rtnetlink.attributes(data)
    return {
        name: rtnetlink.number(attributes[attribute])
        for attribute, name in _DEVICES.get(kind, {}).items()
        if any(attributes.get(attribute, b""))
    }


def _decoded(
    attributes: rtnetlink.Attributes, table: _Table
) -> interface.Details:
    found: interface.Details = {}
    for attribute, (name, decode) in table.items():
        if attribute in attributes:
            value = decode(attributes[attribute])
            if value is not None:
                found[name] = value
    return found
