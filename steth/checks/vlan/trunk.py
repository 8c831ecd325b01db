# SPDX-License-Identifier: Apache-2.0
"""What is to be tried: which VLANs, on which interface of which host."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping

import msgspec

from steth.checks import base
from steth.model import inventory
from steth.model import vlan_range

#: What a trunk is called that only options describe.
_UNNAMED = "trunk"


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """A physical network; ``interfaces`` by host, ``*`` for all others."""

    name: str
    interfaces: dict[str, str]
    vlans: tuple[int, ...]
    hosts: tuple[str, ...] = ()

    def interface(self, host: str) -> str | None:
        """Return the host's interface on it, ``None`` if it is not on it."""
        if self.hosts and host not in self.hosts:
            return None
        return self.interfaces.get(host, self.interfaces.get("*"))


def nothing_configured(
    options: base.Options,
    known: inventory.Inventory,
    of_cloud: Callable[[], Mapping[str, str] | None] | None,
) -> str | None:
    """Return what nobody said, where nobody speaks of any trunk.

    :param of_cloud: returns VLANs by physical network, nothing where that is
        not known
    """
    if (
        options.interfaces
        or options.physical_networks
        or options.vlans
        or known.physical_networks
    ):
        return None
    # VLANs that Neutron's networks use need a trunk somewhere.
    if of_cloud is not None and of_cloud() != {}:
        return None
    return (
        "no host is said to be on a trunk ([inventory] physical_networks, or "
        "check vlan --interface)"
    )


def unmet(options: base.Options, known: inventory.Inventory) -> str | None:
    """Return what is missing to know what to try, ``None`` if nothing is."""
    if not options.interfaces and not known.physical_networks:
        return (
            "nothing says which interfaces are on a trunk: give --interface, "
            "or [inventory] physical_networks in the configuration"
        )
    if options.vlans:
        return None
    said = "nothing says which VLANs to expect: give --vlans"
    wanted = _wanted(options, known)
    if not wanted:
        # One that does not exist is told of when the trunks are chosen.
        return None if options.physical_networks else said
    silent = [one.name for one in wanted if not one.vlans]
    if silent:
        return f"{said}, or [physical_network:{silent[0]}] vlans"
    return None


def completed(
    options: base.Options,
    known: inventory.Inventory,
    of_cloud: Callable[[], Mapping[str, str] | None] | None,
) -> inventory.Inventory:
    """Return the inventory with the cloud's VLANs where none are configured.

    The cloud is asked only where that is so. A physical network on which it
    uses none, one of flat networks, is no trunk; it is left out unless the
    user asked for it.

    :param of_cloud: returns VLANs by physical network, nothing where that is
        not known
    """
    if (
        options.vlans
        or of_cloud is None
        or all(one.vlans for one in _wanted(options, known))
    ):
        return known
    said = of_cloud()
    if said is None:
        return known
    return msgspec.structs.replace(
        known,
        physical_networks=tuple(
            msgspec.structs.replace(
                one, vlans=one.vlans or said.get(one.name, "")
            )
            for one in known.physical_networks
            if one.vlans
            or one.name in said
            or one.name in options.physical_networks
        ),
    )


def chosen(
    options: base.Options,
    known: inventory.Inventory,
    hosts: Collection[str],
) -> tuple[Trunk, ...]:
    """Return the trunks that the user wants tried.

    One of which nothing says the VLANs has none.

    :param hosts: all that an agent is known on
    :raises base.UsageError: naming what does not exist or is no VLAN
    """
    names = [one.name for one in known.physical_networks]
    strangers = [one for one in options.physical_networks if one not in names]
    if strangers:
        raise base.UsageError(
            f"there is no physical network {', '.join(strangers)}; the "
            f"configuration has: {', '.join(names) or 'none'}"
        )
    given: tuple[int, ...] = ()
    try:
        given = vlan_range.parse(options.vlans) if options.vlans else ()
    except ValueError as error:
        raise base.UsageError(f"--vlans: {error}") from None
    wanted = _wanted(options, known)
    if not options.interfaces:
        return tuple(
            Trunk(
                name=one.name,
                interfaces=one.interfaces,
                vlans=given or _vlans(one),
                hosts=one.hosts,
            )
            for one in wanted
        )
    if len(wanted) > 1:
        raise base.UsageError(
            "--interface is about one trunk: give one --physical-network "
            "with it at most"
        )
    return (
        Trunk(
            name=wanted[0].name if wanted else _UNNAMED,
            interfaces=interfaces(options.interfaces, hosts),
            vlans=given or (_vlans(wanted[0]) if wanted else ()),
        ),
    )


def _vlans(one: inventory.ExpectedPhysicalNetwork) -> tuple[int, ...]:
    return vlan_range.parse(one.vlans) if one.vlans else ()


def _wanted(
    options: base.Options, known: inventory.Inventory
) -> list[inventory.ExpectedPhysicalNetwork]:
    if options.interfaces and not options.physical_networks:
        return []
    return [
        one
        for one in known.physical_networks
        if not options.physical_networks
        or one.name in options.physical_networks
    ]


def interfaces(
    given: Collection[str], hosts: Collection[str]
) -> dict[str, str]:
    """Return the interface by host, ``*`` for all others, as options say it.

    :param given: "host:eth2", or "eth2" for all hosts
    :param hosts: all that an agent is known on
    :raises base.UsageError: naming what does not exist
    """
    found: dict[str, str] = {}
    for one in given:
        host, colon, interface = one.partition(":")
        if not colon:
            host, interface = "*", one
        if host != "*" and host not in hosts:
            raise base.UsageError(
                f"--interface {one}: no agent is known on {host}; known "
                f"are: {', '.join(sorted(hosts)) or 'none'}"
            )
        if not interface:
            raise base.UsageError(
                f"--interface {one}: write <host>:<interface>, or the "
                f"interface alone for all hosts"
            )
        if host in found:
            raise base.UsageError(
                f"--interface: {host} has two, {found[host]} and {interface}"
            )
        found[host] = interface
    return found
