# SPDX-License-Identifier: Apache-2.0
"""Every fault of a cloud, and every healthy twin, by its name."""

from steth.lab.cloud.faults import control
from steth.lab.cloud.faults import dhcp
from steth.lab.cloud.faults import fault
from steth.lab.cloud.faults import guest
from steth.lab.cloud.faults import healthy
from steth.lab.cloud.faults import router
from steth.lab.cloud.faults import security
from steth.lab.cloud.faults import underlay
from steth.lab.cloud.faults import wiring

#: The faults of each layer, as they are listed.
LAYERS: dict[str, tuple[fault.Fault, ...]] = {
    "underlay": underlay.FAULTS,
    "control": control.FAULTS,
    "wiring": wiring.FAULTS,
    "DHCP and metadata": dhcp.FAULTS,
    "security": security.FAULTS,
    "layer 3": router.FAULTS,
    "instance": guest.FAULTS,
    "healthy": healthy.FAULTS,
}

CATALOGUE: dict[str, fault.Fault] = {
    one.name: one for layer in LAYERS.values() for one in layer
}
