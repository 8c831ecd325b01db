# SPDX-License-Identifier: Apache-2.0
"""Which addresses hosts have, had, or should have in some subnets."""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from steth.checks.mesh import addresses
from steth.checks.mesh import segments
from steth.model import host as host_model

#: With fewer members, and fewer for each host that lost its address, nothing
#: tells what a device's name means.
_FEWEST = 3
_FOR_EACH_LOST = 3
#: A driver may begin by telling that there is no carrier yet: one change.
_PLUGGED_AND_UNPLUGGED = 2


def member(
    host: str,
    namespace: host_model.Namespace,
    having: Iterable[host_model.Address],
    subnets: Sequence[addresses.IpNetwork],
) -> segments.Member | None:
    """Return the host's place in the subnets, its main address first.

    :param having: the addresses that may be the host's there
    """
    found = [one for one in having if addresses.lies_in(one.address, subnets)]
    if not found:
        return None
    found.sort(key=lambda one: addresses.rank(one, namespace, subnets))
    main = found[0]
    return segments.Member(
        host=host,
        address=main.address,
        prefix_length=main.prefix_length,
        link=namespace.link(main.device),
        others=tuple(
            one.address
            for one in found[1:]
            if _is_announced(namespace.link(one.device), namespace)
        ),
    )


def claimed(
    hosts: Iterable[str],
    snapshots: segments.Snapshots,
    subnets: Sequence[addresses.IpNetwork],
) -> Iterator[segments.Claimed]:
    """Yield the addresses in the subnets that hosts gave up."""
    for host in hosts:
        for one in addresses.claimed(snapshots[host].root):
            if addresses.lies_in(one.address, subnets):
                yield segments.Claimed(
                    host=host, address=one.address, device=one.device
                )


def _is_announced(
    link: host_model.Link | None, namespace: host_model.Namespace
) -> bool:
    """Tell whether other hosts can get to know of a device's addresses."""
    return (
        link is not None
        and link.admin_up
        and addresses.leads_out(link, namespace)
    )


def usual_device(members: Sequence[segments.Member]) -> str | None:
    counted = collections.Counter(one.link.name for one in members if one.link)
    if not counted:
        return None
    device, times = counted.most_common(1)[0]
    return device if times * 2 > len(members) else None


def usual_mtu(members: Sequence[segments.Member]) -> int:
    counted = collections.Counter(
        one.link.mtu for one in members if one.link and not one.routed
    )
    if not counted:
        return 1500
    return max(counted, key=lambda mtu: (counted[mtu], mtu))


def unplugged(
    members: Sequence[segments.Member], snapshots: segments.Snapshots
) -> Iterator[segments.Absent]:
    """Yield the hosts that most likely lost their address with the carrier.

    Some network daemons (systemd-networkd) take a device's addresses away
    when its carrier is gone: then nothing is left but that the device had
    carrier, and that all other hosts with a device of its name have it on
    this network. A spare NIC never had carrier.
    """
    usual = usual_device(members)
    if usual is None or any(x.link and x.link.name != usual for x in members):
        return
    present = {one.host for one in members}
    lost = []
    for host in sorted(snapshots.keys() - present):
        root = snapshots[host].root
        link = root.link(usual)
        if link is None:
            continue
        if not _has_lost_carrier(link) or any(
            one.device == usual and one.scope == "global"
            for one in root.addresses
        ):
            # The name means nothing here: others use it for another thing.
            return
        lost.append(host)
    if len(members) >= max(_FEWEST, _FOR_EACH_LOST * len(lost)):
        for host in lost:
            yield segments.Absent(host=host, device=usual, configured=False)


def _has_lost_carrier(link: host_model.Link) -> bool:
    """Tell whether a device that should work had carrier and has none."""
    return (
        link.admin_up
        and link.carrier is False
        and link.carrier_changes >= _PLUGGED_AND_UNPLUGGED
        and link.master is None
    )
