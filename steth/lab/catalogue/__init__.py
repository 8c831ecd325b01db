# SPDX-License-Identifier: Apache-2.0
"""The faults that can be put into a lab, as data, a module a layer."""

from steth.lab import faults
from steth.lab.catalogue import address
from steth.lab.catalogue import bandwidth
from steth.lab.catalogue import dhcp
from steth.lab.catalogue import filter as filter_module
from steth.lab.catalogue import gateway
from steth.lab.catalogue import interface
from steth.lab.catalogue import layer2
from steth.lab.catalogue import mtu
from steth.lab.catalogue import multicast
from steth.lab.catalogue import service
from steth.lab.catalogue import trunk

#: Every fault, by its name.
CATALOGUE: dict[str, faults.Fault] = {
    one.name: one
    for one in (
        *interface.FAULTS,
        *address.FAULTS,
        *filter_module.FAULTS,
        *layer2.FAULTS,
        *mtu.FAULTS,
        *bandwidth.FAULTS,
        *dhcp.FAULTS,
        *gateway.FAULTS,
        *multicast.FAULTS,
        *service.FAULTS,
        *trunk.FAULTS,
    )
}
