# SPDX-License-Identifier: Apache-2.0
"""What Neutron says of its networks on physical ones."""

import msgspec


class ProviderNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """A flat network (``vlan`` 0) or VLAN network of Neutron.

    ``gateways`` are those of its subnets, ``dhcp_servers`` the addresses of
    Neutron's own servers on it; ``external`` says that routers may have
    their gateway there.
    """

    name: str
    physical_network: str
    vlan: int = 0
    external: bool = False
    gateways: tuple[str, ...] = ()
    dhcp_servers: tuple[str, ...] = ()
