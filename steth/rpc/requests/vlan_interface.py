# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations on temporary VLAN interfaces."""

import ipaddress
from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: Seconds that an interface lives at most.
MAX_LIFETIME = 3600.0

VlanId = Annotated[int, msgspec.Meta(ge=1, le=4094)]


class VlanInterface(base.Request, frozen=True, kw_only=True):
    """Make an interface for a VLAN of ``interface``.

    ``cidr`` is its address with the prefix length. The agent removes it
    after ``lifetime`` seconds, unless the task's lease is renewed.
    """

    interface: base.DeviceName
    vlan: VlanId
    cidr: Annotated[str, msgspec.Meta(max_length=49)] | None = None
    lifetime: Annotated[float, msgspec.Meta(ge=1.0, le=MAX_LIFETIME)] = 600.0

    def __post_init__(self) -> None:
        if self.cidr is None:
            return
        try:
            address = ipaddress.ip_interface(self.cidr)
        except ValueError:
            raise ValueError(
                f"cidr: {self.cidr!r} is not an address with a prefix "
                "length, such as 192.0.2.1/24"
            ) from None
        if "/" not in self.cidr:
            raise ValueError(
                f"cidr: {self.cidr} lacks its prefix length, such as /24"
            )
        if address.ip.is_multicast or address.ip.is_unspecified:
            raise ValueError(f"cidr: {address.ip} is not of one host")


class VlanInterfaceRemove(base.Request, frozen=True, kw_only=True):
    """Remove the interface that was made for a VLAN of ``interface``."""

    interface: base.DeviceName
    vlan: VlanId
