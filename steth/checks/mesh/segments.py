# SPDX-License-Identifier: Apache-2.0
"""Which hosts are, or should be, on which node-level network.

A segment is one network in one IP version; ``grouping`` finds them.
"""

from collections.abc import Mapping
import functools
import ipaddress

import msgspec

from steth.checks.mesh import addresses
from steth.model import host as host_model


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A host with its address on a segment.

    ``link`` is the device that holds the address. A host whose agent is
    silent has neither ``link`` nor ``prefix_length``: it can only be a
    target. ``others`` are its further addresses on the segment, as far as
    they are on devices that are up and lead to other hosts.
    """

    host: str
    address: str
    prefix_length: int | None = None
    link: host_model.Link | None = None
    others: tuple[str, ...] = ()

    @property
    def answers_for_itself(self) -> bool:
        """Whether its agent answers, so that it can be a source."""
        return self.link is not None

    @property
    def routed(self) -> bool:
        """Whether the device only holds the address, and no packet leaves it.

        Routes lead to such a host: those that it announces itself by BGP.
        """
        return self.link is not None and (
            self.link.loopback or self.link.kind == "dummy"
        )


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """A host that should be on a segment and has no address there.

    ``device`` is where the address should be, ``None`` if nothing tells;
    ``configured`` says that the configuration named that device. On a
    segment that is not configured, the other hosts alone make one expect it.
    """

    host: str
    device: str | None
    configured: bool


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a host's that the host gave up for another machine's."""

    host: str
    address: str
    device: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A network in one IP version, with who is on it.

    ``mtu`` is what must pass, in bytes: the configured one, else
    (``mtu_configured`` false) what most members have.
    """

    name: str
    network: str
    family: int
    cidrs: tuple[str, ...]
    configured: bool
    mtu: int
    mtu_configured: bool
    members: tuple[Member, ...]
    absent: tuple[Absent, ...] = ()
    claimed: tuple[Claimed, ...] = ()

    def member(self, host: str) -> Member | None:
        """Return a host's membership, ``None`` if it has none."""
        return next((one for one in self.members if one.host == host), None)

    def device(self, host: str) -> str | None:
        """Return the name of a host's device on the segment, if known."""
        member = self.member(host)
        return member.link.name if member and member.link else None

    def subnet(self, address: str) -> str | None:
        """Return which of ``cidrs`` an address lies in, the narrowest.

        Hosts in different ones, racks say, reach each other through routers:
        they share neither broadcasts nor multicast of the link.
        """
        parsed = ipaddress.ip_address(address)
        fitting = [one for one in _parsed(self.cidrs) if parsed in one]
        if not fitting:
            return None
        return str(max(fitting, key=lambda one: one.prefixlen))

    @property
    def sources(self) -> tuple[Member, ...]:
        """The members that can send."""
        return tuple(one for one in self.members if one.answers_for_itself)


Snapshots = Mapping[str, host_model.HostSnapshot]


@functools.cache
def _parsed(cidrs: tuple[str, ...]) -> tuple[addresses.IpNetwork, ...]:
    return tuple(ipaddress.ip_network(one) for one in cidrs)
