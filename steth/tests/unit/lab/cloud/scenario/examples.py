# SPDX-License-Identifier: Apache-2.0
"""A scenario as it is made in a cloud of two computes."""

from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import plan


def inventory() -> inventory_module.Inventory:
    """Return the plan with ids and addresses, as Neutron might choose."""
    networks = {
        one.name: inventory_module.Network(
            id=f"network-{one.name}",
            name=one.name,
            kind="vxlan" if one.kind == plan.OVERLAY else one.kind,
            mtu=1450 if one.kind == plan.OVERLAY else 1500,
            segment=one.segment,
            physical=one.physical,
            routed=one.routed,
            subnets={
                str(subnet.version): f"subnet-{one.name}-{subnet.version}"
                for subnet in one.subnets
            },
        )
        for one in plan.NETWORKS
    }
    instances = {
        one.name: inventory_module.Instance(
            name=one.name,
            uuid=f"uuid-{one.name}",
            host=f"compute{one.compute}",
            network=one.network,
            port=f"port-{one.name}",
            mac=f"fa:16:3e:00:00:{number:02x}",
            address=f"10.10.0.{number}",
            address6=f"2001:db8::{number}"
            if networks[one.network].routed
            else "",
            floating=f"203.0.113.{number}" if one.floating else "",
            floating_id=f"floating-{one.name}" if one.floating else "",
        )
        for number, one in enumerate(plan.INSTANCES, 1)
    }
    return inventory_module.Inventory(
        networks=networks,
        instances=instances,
        router="router-id",
        external="203.0.113.99",
        external6="2001:db8:113::99",
        group="group-id",
    )
