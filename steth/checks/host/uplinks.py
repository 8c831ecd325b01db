# SPDX-License-Identifier: Apache-2.0
"""The devices of a host that lead to other hosts."""

from collections.abc import Iterable

from steth.checks.mesh import segments
from steth.model import host as host_model
from steth.model import inventory

#: Ports of a bridge or bond that lead to an instance, not to another host.
_INWARD = frozenset({"tun", "veth"})


def below(
    link: host_model.Link, namespace: host_model.Namespace
) -> list[host_model.Link]:
    """Return the lowest devices that a device stands on, itself at least."""
    found: dict[str, host_model.Link] = {}
    seen: set[str] = set()
    waiting = [link]
    while waiting:
        current = waiting.pop()
        if current.name in seen:
            continue
        seen.add(current.name)
        lower = [
            one
            for one in namespace.links
            if one.name == current.parent
            or (one.master == current.name and one.kind not in _INWARD)
        ]
        waiting.extend(lower)
        if not lower:
            found[current.name] = current
    return [found[name] for name in sorted(found)]


def of(
    host: str,
    namespace: host_model.Namespace,
    checked: Iterable[segments.Segment],
    expected: inventory.Inventory,
) -> list[host_model.Link]:
    """Return what a host's networks stand on, and its other NICs.

    A NIC that is a port of Open vSwitch counts where the configuration names
    it as a trunk: else it may be the representor of an instance's, which
    comes and goes with it.
    """
    found = {
        one.name: one
        for one in namespace.links
        if one.kind is None and not one.loopback and not _in_ovs(one)
    }
    named = [one.interface(host) for one in expected.physical_networks] + [
        segment.device(host)
        for segment in checked
        if (member := segment.member(host)) and not member.routed
    ]
    for name in named:
        link = namespace.link(name) if name else None
        if link is not None:
            found.update({one.name: one for one in below(link, namespace)})
    return [found[name] for name in sorted(found)]


def _in_ovs(link: host_model.Link) -> bool:
    # The datapath of Open vSwitch is the master of all of its ports.
    return (link.master or "").startswith("ovs-")
