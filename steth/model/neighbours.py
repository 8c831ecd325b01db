# SPDX-License-Identifier: Apache-2.0
"""Who answered for addresses on a host's interfaces."""

import msgspec


class NeighbourResult(msgspec.Struct, frozen=True, kw_only=True):
    """The hardware addresses that were given for an address.

    ``vlan`` is the one that was asked on, 0 for no tag.
    """

    interface: str
    vlan: int = 0
    address: str
    macs: tuple[str, ...] = ()


class NeighbourReport(msgspec.Struct, frozen=True, kw_only=True):
    """A result for each neighbour asked for, in their order.

    ``refused`` names the interfaces that did not take what was to be sent,
    with the kernel's reason. ``lost`` counts packets that arrived and were
    not looked at.
    """

    results: tuple[NeighbourResult, ...] = ()
    sent: int = 0
    refused: dict[str, str] = {}
    lost: int = 0
    duration: float
