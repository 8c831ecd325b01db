# SPDX-License-Identifier: Apache-2.0
"""Which of a host's addresses other hosts of the underlay may know it by."""

from collections.abc import Iterator
from collections.abc import Sequence
import ipaddress

from steth.model import host as host_model

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Links that lead to no other host of the underlay: what is inside of the
#: host, and tunnels that the underlay itself carries.
_INWARD_KINDS = frozenset(
    {
        "dummy",
        "erspan",
        "geneve",
        "gre",
        "gretap",
        "ifb",
        "ip6gre",
        "ip6tnl",
        "ipip",
        "sit",
        "tun",
        "vti",
        "vxlan",
        "wireguard",
    }
)
#: Ports that do not make a bridge lead out of its host.
_INWARD_PORTS = _INWARD_KINDS | {"veth"}


def usable(
    namespace: host_model.Namespace,
) -> Iterator[host_model.Address]:
    """Yield the addresses that more than the host itself may know."""
    for address in namespace.addresses:
        parsed = interface(address).ip
        link = namespace.link(address.device)
        if (
            link is None
            or link.loopback
            or parsed.is_link_local
            or parsed.is_loopback
            or "tentative" in address.flags
        ):
            continue
        yield address


def outward(
    namespace: host_model.Namespace,
) -> Iterator[host_model.Address]:
    """Yield the addresses on devices that may lead to other hosts."""
    for address in usable(namespace):
        parsed = interface(address)
        link = namespace.link(address.device)
        if (
            link is None
            or parsed.network.prefixlen == parsed.max_prefixlen
            or link.kind in _INWARD_KINDS
        ):
            continue
        if link.kind == "bridge" and all(
            port.kind in _INWARD_PORTS
            for port in namespace.links
            if port.master == link.name
        ):
            continue
        yield address


def rank(
    address: host_model.Address, subnets: Sequence[IpNetwork]
) -> tuple[bool, bool, bool, bool]:
    """Return a key that sorts a host's main address in subnets first."""
    parsed = interface(address)
    return (
        parsed.network.prefixlen == parsed.max_prefixlen,
        "secondary" in address.flags,
        "deprecated" in address.flags or "temporary" in address.flags,
        parsed.network not in subnets,
    )


def interface(
    address: host_model.Address,
) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    """Return an address with its prefix length, ready to be compared."""
    return ipaddress.ip_interface(f"{address.address}/{address.prefix_length}")


def lies_in(address: str, subnets: Sequence[IpNetwork]) -> bool:
    """Tell whether an address is of one of the subnets; a name is of none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A host name: where it leads is for the transport to find out.
        return False
    return any(
        parsed in one for one in subnets if one.version == parsed.version
    )
