# SPDX-License-Identifier: Apache-2.0
"""The networks that the cloud carries in tunnels between the hosts."""

import msgspec


class TunnelledNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A Neutron network; ``mtu`` in bytes, ``kind`` "vxlan", "gre", …"""

    name: str
    kind: str
    mtu: int


class Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """What Neutron says of tunnels; ``endpoints`` are their addresses."""

    networks: tuple[TunnelledNetwork, ...] = ()
    endpoints: frozenset[str] = frozenset()
