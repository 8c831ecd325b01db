# SPDX-License-Identifier: Apache-2.0
"""Errors and drops that grow, from two snapshots of one host.

What a counter means is in the kernel's linux/if_link.h. ``rx_dropped`` is
not looked at: it grows on healthy hosts with every frame of a protocol or
VLAN that nobody listens to (LLDP, spanning tree). What a NIC had no room for
is counted apart, as ``rx_missed_errors``.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

import msgspec

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.model import finding
from steth.model import host as host_model

_SOURCE = "counters of the link (netlink), read twice"

#: So few may be chance: IEEE 802.3 allows a bit error in 10^12, one frame
#: in ten seconds on a link of 100 Gbit/s with full load.
_FEWEST = 3
_LOWEST_RATE = 0.5
#: Of the packets in the same direction. Fewer drops than one in ten thousand
#: are a burst, not a host that does not keep up.
_SMALLEST_SHARE = 1e-4


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """What grew on a device in ``seconds``; names as iproute2 has them."""

    device: str
    seconds: float
    errors: dict[str, int] = {}
    drops: dict[str, int] = {}
    carrier_changes: int = 0


def growths(
    before: host_model.Namespace,
    after: host_model.Namespace,
    seconds: float,
    names: Iterable[str],
) -> Iterator[Growth]:
    """Yield how much each device's counters grew, where they did.

    :param seconds: the time between the two
    :param names: the devices to look at
    """
    for name in names:
        first, second = before.link(name), after.link(name)
        if (
            first is None
            or second is None
            or first.index != second.index
            or not (first.admin_up and second.admin_up)
            or seconds <= 0
        ):
            continue
        growth = _growth(first, second, seconds)
        if growth.errors or growth.drops or growth.carrier_changes:
            yield growth


def causes(host: str, growth: Growth) -> Iterator[cause.Cause]:
    """Yield what is proved by counters that grow."""
    if growth.carrier_changes:
        # What was lost with the carrier is no fault of its own.
        yield cause.Cause(
            entry=catalogue.UNDERLAY_CARRIER_UNSTABLE,
            summary=(
                f"{growth.device} of {host} lost or found its carrier "
                f"{growth.carrier_changes} times in "
                f"{growth.seconds:.1f} s"
            ),
            host=host,
            device=growth.device,
            evidence=(
                finding.Evidence(
                    host=host,
                    source="carrier changes (netlink), read twice",
                    expected="none",
                    observed=f"{growth.carrier_changes} more",
                ),
            ),
        )
        return
    for entry, what, grown in (
        (catalogue.UNDERLAY_ERRORS_GROW, "counts errors", growth.errors),
        (catalogue.HOST_DROPS_GROW, "drops packets", growth.drops),
    ):
        if not grown:
            continue
        rate = sum(grown.values()) / growth.seconds
        yield cause.Cause(
            entry=entry,
            summary=f"{growth.device} of {host} {what}, {rate:.1f} a second",
            host=host,
            device=growth.device,
            evidence=tuple(
                finding.Evidence(
                    host=host,
                    source=_SOURCE,
                    expected=f"{name} does not grow",
                    observed=f"{count} more in {growth.seconds:.1f} s",
                )
                for name, count in grown.items()
            ),
        )


def _growth(
    first: host_model.Link, second: host_model.Link, seconds: float
) -> Growth:
    old, new = first.counters, second.counters

    def grown(counter: Callable[[host_model.Counters], int]) -> int:
        # Less than before: the driver was reset, and counts anew.
        return max(counter(new) - counter(old), 0)

    errors = {
        "rx errors": grown(lambda one: one.rx_errors),
        "tx errors": grown(lambda one: one.tx_errors),
        "collisions": grown(lambda one: one.collisions),
    }
    drops = {
        "rx missed": (
            grown(lambda one: one.rx_missed),
            grown(lambda one: one.rx_packets),
        ),
        "tx dropped": (
            grown(lambda one: one.tx_dropped),
            grown(lambda one: one.tx_packets),
        ),
    }
    # Some drivers count what they missed among the errors too.
    errors["rx errors"] -= min(errors["rx errors"], drops["rx missed"][0])
    return Growth(
        device=second.name,
        seconds=seconds,
        errors={
            name: count
            for name, count in errors.items()
            if _counts(count, seconds)
        },
        drops={
            name: count
            for name, (count, passed) in drops.items()
            if _counts(count, seconds)
            and count >= (passed + count) * _SMALLEST_SHARE
            # Without carrier nothing can be sent: that is the fault.
            and second.carrier
        },
        carrier_changes=max(second.carrier_changes - first.carrier_changes, 0),
    )


def _counts(count: int, seconds: float) -> bool:
    return count >= _FEWEST and count / seconds >= _LOWEST_RATE
