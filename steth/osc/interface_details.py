# SPDX-License-Identifier: Apache-2.0
"""What ``inspect.interface`` tells of an interface, as rows to show.

Each function returns a group of them, as an operator looks for them, by the
name of their row. What the interface has none of is left out.
"""

from collections.abc import Iterable
from typing import Any

from cliff import columns as cliff_columns
import msgspec

from steth.model import host as host_model
from steth.model import interface
from steth.osc import columns

#: What the names of those statistics have in them that count what went wrong:
#: each driver has its own names.
_WRONG = (
    "abort",
    "bad",
    "collision",
    "crc",
    "discard",
    "drop",
    "err",
    "exhaust",
    "fail",
    "fifo",
    "miss",
    "no_buf",
    "out_of_",
    "over",
    "timeout",
)


def names(one: interface.Interface) -> dict[str, Any]:
    """Return what else it is called."""
    return _without_empty(
        alias=one.alias,
        alternative_names=columns.Names(one.alternative_names),
    )


def state(one: interface.Interface) -> dict[str, Any]:
    """Return how it is set up."""
    return _without_empty(
        flags=columns.Names(one.flags),
        promiscuity=one.promiscuity,
        permanent_mac_address=one.permanent_mac,
        minimum_mtu=one.minimum_mtu,
        maximum_mtu=one.maximum_mtu,
        queueing_discipline=one.queueing,
        queue_length=one.queue_length,
    )


def relations(
    one: interface.Interface, namespaces: Iterable[host_model.Namespace]
) -> dict[str, Any]:
    """Return which other devices it belongs to, and how.

    :param namespaces: those that are known, to name the devices in them
    """
    spaces = {space.name: space for space in namespaces}
    found: dict[str, Any] = {}
    if one.peer is not None:
        found |= _relative("peer", one.peer, spaces)
    # One in the same namespace is known without.
    if one.parent is not None and one.parent.name is None:
        found |= _relative("parent", one.parent, spaces)
    return found | _without_empty(
        details=columns.Pairs(one.details),
        port_details=columns.Pairs(one.port),
        members=_rows(one.members),
        virtual_functions=_rows(one.virtual_functions),
    )


def addresses(space: host_model.Namespace, device: str) -> columns.Rows:
    """Return the addresses of a device, a row each.

    With the seconds that are left of them, in the words of ip, where any
    has not got them for ever.
    """
    found = [one for one in space.addresses if one.device == device]
    limited = any(
        one.valid is not None or one.preferred is not None for one in found
    )
    rows: list[dict[str, Any]] = []
    for one in found:
        row: dict[str, Any] = {
            "address": f"{one.address}/{one.prefix_length}",
            "scope": one.scope,
            "flags": list(one.flags),
        }
        if limited:
            row |= {"valid_lft": one.valid, "preferred_lft": one.preferred}
        rows.append(row)
    return columns.Rows(rows)


def driver(one: interface.Ethtool) -> dict[str, Any]:
    """Return what the driver and its device are, and agreed on."""
    settings = one.settings or interface.LinkSettings()
    return _without_empty(
        driver=_pairs(one.driver),
        autonegotiation=columns.Answer(settings.autonegotiation),
        media=settings.port,
        supported_modes=columns.Wrapped(settings.supported),
        advertised_modes=columns.Wrapped(settings.advertised),
        partner_modes=columns.Wrapped(settings.partner),
        error_correction=_pairs(one.error_correction),
        pause=_pairs(one.pause),
        rings=_rows(one.rings),
        channels=_rows(one.channels),
        coalescing=columns.Pairs(one.coalescing),
        offloads=columns.Offloads(map(msgspec.to_builtins, one.features)),
    )


def statistics(one: interface.Ethtool, *, every: bool) -> dict[str, Any]:
    """Return the driver's own statistics that are not zero.

    :param every: not only those that count what went wrong
    """
    return _without_empty(
        driver_statistics=columns.Pairs(
            {
                name: value
                for name, value in one.statistics.items()
                if every or any(word in name.lower() for word in _WRONG)
            }
        )
    )


def _relative(
    role: str,
    relative: interface.Relative,
    spaces: dict[str, host_model.Namespace],
) -> dict[str, Any]:
    if relative.name is not None:
        return {role: relative.name}
    space = spaces.get(relative.netns) if relative.netns is not None else None
    known = {link.index: link.name for link in space.links} if space else {}
    return {
        # As ip(8) calls a device that it knows by its number only.
        role: known.get(relative.index, f"if{relative.index}"),
        f"{role}_namespace": columns.Namespace(relative.netns),
    }


def _pairs(one: msgspec.Struct | None) -> columns.Pairs:
    return columns.Pairs({} if one is None else msgspec.to_builtins(one))


def _rows(listed: Iterable[msgspec.Struct]) -> columns.Rows:
    return columns.Rows(map(msgspec.to_builtins, listed))


def _without_empty(**rows: Any) -> dict[str, Any]:
    return {name: value for name, value in rows.items() if not _empty(value)}


def _empty(value: Any) -> bool:
    if isinstance(value, cliff_columns.FormattableColumn):
        value = value.machine_readable()
    # An answer that is no is one.
    return value is not False and not value
