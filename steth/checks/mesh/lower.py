# SPDX-License-Identifier: Apache-2.0
"""The devices that a device of a host stands on, down to its NICs.

The kernel tells them of VLANs, bonds and its own bridges. Of a port of Open
vSwitch it tells nothing but the datapath; which NICs an internal port (the
bridge's own, or one with a VLAN) leads to is in Open vSwitch's database.
"""

from collections.abc import Iterator
from collections.abc import Mapping

from steth.model import bridge as bridge_model
from steth.model import host as host_model

#: The names of the devices that each internal port of a host leads to.
Ports = Mapping[str, frozenset[str]]
NO_PORTS: Ports = {}
# The kernel's kind of an internal port.
_INTERNAL = "openvswitch"
#: Ports of a bridge or bond that lead to an instance, not to another host.
_INWARD = frozenset({"tun", "veth"})


def ports(snapshot: bridge_model.BridgeSnapshot) -> Ports:
    """Return what the internal ports of a host lead to.

    A bridge without a NIC leads to those of the bridges that it is patched
    to. What an instance is plugged into, a representor say, is no NIC.
    """
    bridges = {
        one.name: one
        for one in snapshot.bridges
        if one.kind is bridge_model.BridgeKind.OPEN_VSWITCH
    }
    return {
        interface.name: _nics(one, bridges)
        for one in bridges.values()
        for interface in _interfaces(one, "internal")
    }


def _nics(
    start: bridge_model.Bridge, bridges: Mapping[str, bridge_model.Bridge]
) -> frozenset[str]:
    bridge_of = {
        interface.name: one
        for one in bridges.values()
        for interface in _interfaces(one, "patch")
    }
    seen: set[str] = set()
    nearest = {start.name: start}
    while nearest:
        found = frozenset(
            interface.name
            for one in nearest.values()
            for interface in _interfaces(one, "system")
            if "iface-id" not in interface.external_ids
        )
        if found:
            return found
        seen |= nearest.keys()
        nearest = {
            peer.name: peer
            for one in nearest.values()
            for interface in _interfaces(one, "patch")
            if (peer := bridge_of.get(interface.options.get("peer", "")))
            and peer.name not in seen
        }
    return frozenset()


def _interfaces(
    one: bridge_model.Bridge, kind: str
) -> Iterator[bridge_model.Interface]:
    for port in one.ports:
        for interface in port.interfaces:
            if interface.kind == kind:
                yield interface


def directly(
    link: host_model.Link,
    namespace: host_model.Namespace,
    internal: Ports = NO_PORTS,
) -> list[host_model.Link]:
    """Return the devices right below one: its parent, its ports, its NICs.

    :param internal: what the host's internal ports lead to
    """
    return [
        one
        for one in namespace.links
        if one.name == link.parent
        or one.master == link.name
        or one.name in internal.get(link.name, ())
    ]


def lowest(
    link: host_model.Link,
    namespace: host_model.Namespace,
    internal: Ports = NO_PORTS,
) -> list[host_model.Link]:
    """Return the lowest devices that a device stands on, itself at least.

    :param internal: what the host's internal ports lead to
    """
    found: dict[str, host_model.Link] = {}
    seen: set[str] = set()
    waiting = [link]
    while waiting:
        current = waiting.pop()
        if current.name in seen:
            continue
        seen.add(current.name)
        below = [
            one
            for one in directly(current, namespace, internal)
            if one.master != current.name or one.kind not in _INWARD
        ]
        waiting.extend(below)
        if not below:
            found[current.name] = current
    return [found[name] for name in sorted(found)]


def needs_bridges(
    link: host_model.Link, namespace: host_model.Namespace
) -> bool:
    """Tell whether only Open vSwitch knows what a device stands on."""
    return any(one.kind == _INTERNAL for one in lowest(link, namespace))
