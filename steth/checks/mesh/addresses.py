# SPDX-License-Identifier: Apache-2.0
"""Which of a host's addresses other hosts of the underlay may know it by."""

import collections
from collections.abc import Iterator
from collections.abc import Mapping
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
_CLAIMED = "dadfailed"


def usable(
    namespace: host_model.Namespace,
) -> Iterator[host_model.Address]:
    """Yield the addresses that more than the host itself may know.

    Those of the loopback device are among them, but for what is loopback by
    its number: routing may announce them (BGP to the host).
    """
    for address in namespace.addresses:
        parsed = interface(address).ip
        link = namespace.link(address.device)
        if link is None or parsed.is_link_local or parsed.is_loopback:
            continue
        # Soon a tentative one is usable; without carrier it waits for that.
        if _CLAIMED not in address.flags and (
            "tentative" not in address.flags or link.carrier is False
        ):
            yield address


def claimed(
    namespace: host_model.Namespace,
) -> Iterator[host_model.Address]:
    """Yield the addresses that the host gave up for another machine's.

    The kernel has heard of one that has the address, or was about to take it
    (duplicate address detection, RFC 4862, section 5.4).
    """
    for address in namespace.addresses:
        parsed = interface(address).ip
        if (
            _CLAIMED in address.flags
            and not parsed.is_link_local
            and leads_out(namespace.link(address.device), namespace)
        ):
            yield address


def outward(
    namespace: host_model.Namespace,
) -> Iterator[host_model.Address]:
    """Yield the addresses on devices that may lead to other hosts.

    One that is a network of its own is not among them: it groups nobody.
    """
    for address in usable(namespace):
        parsed = interface(address)
        if parsed.network.prefixlen < parsed.max_prefixlen and leads_out(
            namespace.link(address.device), namespace
        ):
            yield address


def own(
    namespaces: Mapping[str, host_model.Namespace],
) -> dict[str, list[host_model.Address]]:
    """Return by host the addresses that may be its own.

    On a device that leads nowhere, an address that several hosts have is a
    service's that all of them serve (on kube-proxy's dummy, or that of a
    director's real servers), or means another thing on each (on libvirt's
    bridge).

    :param namespaces: the hosts' own ones, by host
    """
    every = {host: list(usable(one)) for host, one in namespaces.items()}
    holders = collections.Counter(
        address
        for having in every.values()
        for address in {one.address for one in having}
    )
    return {
        host: [
            one
            for one in having
            if holders[one.address] == 1
            or leads_out(namespaces[host].link(one.device), namespaces[host])
        ]
        for host, having in every.items()
    }


def leads_out(
    link: host_model.Link | None, namespace: host_model.Namespace
) -> bool:
    """Tell whether a device may lead to other hosts of the underlay."""
    if link is None or link.loopback or link.kind in _INWARD_KINDS:
        return False
    return link.kind != "bridge" or any(
        port.kind not in _INWARD_PORTS
        for port in namespace.links
        if port.master == link.name
    )


def rank(
    address: host_model.Address,
    namespace: host_model.Namespace,
    subnets: Sequence[IpNetwork],
) -> tuple[bool, ...]:
    """Return a key that sorts a host's main address in subnets first."""
    parsed = interface(address)
    return (
        not leads_out(namespace.link(address.device), namespace),
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
