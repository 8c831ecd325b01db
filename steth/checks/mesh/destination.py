# SPDX-License-Identifier: Apache-2.0
"""Where another host is on a network, as seen from a host."""

from collections.abc import Iterable
import ipaddress

import msgspec

from steth.checks import base
from steth.checks.mesh import segments


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """What packets are sent to; ``source`` where the network decides it."""

    name: str
    address: str
    source: str | None = None
    network: str | None = None


def is_address(text: str) -> bool:
    """Tell whether this is an IP address, and not the name of a host."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def find(
    host: str,
    name: str,
    built: Iterable[segments.Segment],
    network: str | None,
) -> Destination:
    """Return where a host is on a network that both are on.

    :param host: the one that sends
    :param name: the one that is to be reached
    :param network: the only network of interest; else the first of the
        segments that both are on
    :raises base.UsageError: when there is no such network, or not both are
        on it
    """
    built = list(built)
    known = {one.network for one in built} | {one.name for one in built}
    if network is not None and network not in known:
        raise base.UsageError(
            f"there is no network {network!r} with {host} and {name} on it; "
            f"there are: {', '.join(sorted(known)) or 'none'}"
        )
    for segment in built:
        if network is not None and network not in {
            segment.network,
            segment.name,
        }:
            continue
        source, target = segment.member(host), segment.member(name)
        if source is not None and target is not None:
            return Destination(
                name=name,
                address=target.address,
                source=source.address,
                network=segment.name,
            )
    where = f"on network {network}" if network else "on a network in common"
    raise base.UsageError(
        f"{host} and {name} have no addresses {where}; give an address "
        f"instead of {name!r}"
    )
