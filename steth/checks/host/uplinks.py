# SPDX-License-Identifier: Apache-2.0
"""The devices of a host that lead to other hosts."""

from collections.abc import Iterable

from steth.checks.mesh import lower
from steth.checks.mesh import segments
from steth.model import host as host_model
from steth.model import inventory


def of(
    host: str,
    namespace: host_model.Namespace,
    checked: Iterable[segments.Segment],
    expected: inventory.Inventory,
    internal: lower.Ports,
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
            found.update(
                {
                    one.name: one
                    for one in lower.lowest(link, namespace, internal)
                }
            )
    return [found[name] for name in sorted(found)]


def _in_ovs(link: host_model.Link) -> bool:
    # The datapath of Open vSwitch is the master of all of its ports.
    return (link.master or "").startswith("ovs-")
