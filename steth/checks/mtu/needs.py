# SPDX-License-Identifier: Apache-2.0
"""What Neutron's networks need of the network that carries their tunnels."""

from collections.abc import Iterable
from collections.abc import Mapping

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.checks.mesh import segments
from steth.checks.mtu import ladder
from steth.model import finding
from steth.model import overlay

#: What encapsulation adds to an inner IP packet, in bytes, up to and with
#: the outer IPv4 header: as Neutron reckons it (neutron_lib.plugins.ml2
#: and the max_header_size of ML2/OVN).
_OVERHEAD = {"vxlan": 50, "gre": 42, "geneve": 58}
_IPV6_MORE = 20
#: The network that is taken where Neutron does not tell the endpoints.
_USUAL_NAME = "tunnel"


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """The largest packet that has to pass, and for which network."""

    size: int
    network: overlay.TunnelledNetwork


def of(
    checked: Iterable[segments.Segment], told: overlay.Overlay
) -> dict[str, Need]:
    """Return the need of the segments that carry tunnels, by their name.

    They are those that hold an endpoint; where Neutron tells none, the
    network called "tunnel".
    """
    if not told.networks:
        return {}
    return {
        one.name: max(
            (
                Need(size=_size(network, one.family), network=network)
                for network in told.networks
            ),
            key=lambda need: need.size,
        )
        for one in checked
        if _carries(one, told)
    }


def _size(network: overlay.TunnelledNetwork, family: int) -> int:
    more = _IPV6_MORE if family == 6 else 0
    return network.mtu + _OVERHEAD[network.kind] + more


def _carries(segment: segments.Segment, told: overlay.Overlay) -> bool:
    if not told.endpoints:
        return segment.network == _USUAL_NAME
    return any(
        address in told.endpoints
        for member in segment.members
        for address in (member.address, *member.others)
    )


def causes(
    needs: Mapping[str, Need],
    told: overlay.Overlay,
    checked: Iterable[segments.Segment],
    paths: Mapping[cause.Pair, ladder.Path],
) -> list[cause.Cause]:
    """Return a cause for each segment that carries less than is needed.

    Where a path lets less through than its own network promises, that has a
    cause of its own already: this is about what is promised.
    """
    found = []
    for segment in checked:
        need = needs.get(segment.name)
        small = [
            (path.passed, pair)
            for pair, path in paths.items()
            if need is not None
            and pair.segment == segment.name
            and segment.mtu <= path.passed < need.size
        ]
        if need is None or not small:
            continue
        size, pair = min(small)
        network = need.network
        overhead = need.size - network.mtu
        found.append(
            cause.Cause(
                entry=catalogue.TUNNEL_MTU_SMALL,
                summary=(
                    f"network {segment.name} lets packets of {size} bytes "
                    f"through, the tunnels of Neutron's networks need "
                    f"{need.size}"
                ),
                networks=(segment.name,),
                covers=frozenset(one for _, one in small),
                full_size_only=True,
                affects=tuple(
                    f"Neutron network {one.name}"
                    for one in told.networks
                    if _size(one, segment.family) > size
                ),
                evidence=(
                    finding.Evidence(
                        host=pair.source,
                        source=f"echo requests to {pair.target}, not to be "
                        f"fragmented",
                        expected=(
                            f"{need.size} bytes pass: {network.mtu} of "
                            f"{network.name} and {overhead} of "
                            f"{network.kind.upper()}"
                        ),
                        observed=f"{size} bytes pass",
                    ),
                ),
            )
        )
    return found
