# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``probe.multicast``."""

import ipaddress
from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: Ceilings of one ``probe.multicast``, whatever its caller asks for.
MAX_MULTICAST_HOSTS = 1024
_MAX_PLACES = 32


class MulticastPlace(base.Request, frozen=True, kw_only=True):
    """An interface to join a group on, and the host's address there.

    The group is one of IPv4 or IPv6 as the address is.
    """

    interface: base.DeviceName
    address: base.IpAddress

    def __post_init__(self) -> None:
        address = base.ip_address("address", self.address)
        if address.is_multicast or address.is_unspecified:
            raise ValueError(f"address: {self.address} is not of one host")


class ProbeMulticast(base.Request, frozen=True, kw_only=True):
    """Join the group of a run, send to it, and tell who was heard.

    It is joined ``delay`` seconds before the first of ``count`` messages,
    ``interval`` seconds apart, and left ``linger`` seconds after the last.
    ``index`` is this host's own among the ``hosts`` of the run.
    """

    places: Annotated[
        tuple[MulticastPlace, ...],
        msgspec.Meta(min_length=1, max_length=_MAX_PLACES),
    ]
    run: Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]
    index: Annotated[int, msgspec.Meta(ge=0, lt=MAX_MULTICAST_HOSTS)]
    hosts: Annotated[int, msgspec.Meta(ge=2, le=MAX_MULTICAST_HOSTS)]
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    interval: Annotated[float, msgspec.Meta(ge=0.05, le=1)] = 0.1
    delay: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.0
    linger: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.0

    @property
    def summary(self) -> str:
        """Where messages are sent."""
        names = dict.fromkeys(one.interface for one in self.places)
        return f"{self.count} messages on {', '.join(names)}"

    def __post_init__(self) -> None:
        if self.index >= self.hosts:
            raise ValueError(
                f"index: {self.index} is not among {self.hosts} hosts"
            )
        places = {
            (one.interface, ipaddress.ip_address(one.address).version)
            for one in self.places
        }
        if len(places) < len(self.places):
            raise ValueError(
                "places: an interface is there twice in one IP version"
            )
