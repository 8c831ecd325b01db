# SPDX-License-Identifier: Apache-2.0
"""Making the scenario, or what is missing of it."""

from collections.abc import Callable
import sys

from steth.lab import errors
from steth.lab import layout as lab_layout
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import cloud as cloud_module
from steth.lab.cloud import configuration
from steth.lab.cloud import layout
from steth.lab.cloud.instance import instances as instances_module
from steth.lab.cloud.scenario import inventory as inventory_module
from steth.lab.cloud.scenario import metadata
from steth.lab.cloud.scenario import networks
from steth.lab.cloud.scenario import outside
from steth.lab.cloud.scenario import plan

_METADATA_TIMEOUT = 20.0


def build(
    cloud: cloud_module.Cloud, notify: Callable[[str], None]
) -> inventory_module.Inventory:
    """Make what is missing of the scenario and return all of it.

    Who calls it holds the cloud's lock.

    :param notify: is told what is being done
    :raises errors.LabError: when the cloud refuses
    """
    known = _known(cloud)
    notify("making networks, router and security group")
    connection = cloud.connection()
    made = {
        one.name: networks.ensure_network(connection, one)
        for one in plan.NETWORKS
    }
    router = networks.ensure_router(
        connection,
        made[plan.EXTERNAL.name],
        [one for one in made.values() if one.routed],
    )
    external = networks.external_addresses(router)
    inventory = inventory_module.Inventory(
        networks=made,
        instances=known,
        router=router.id,
        external=external.get(4, ""),
        external6=external.get(6, ""),
        group=networks.ensure_group(connection),
    )
    inventory_module.save(cloud.directory, inventory)
    notify("starting the server outside and the fake metadata server of Nova")
    outside.prepare(cloud, inventory)
    _start_metadata(cloud)
    notify("starting instances")
    instances = instances_module.Instances(cloud, inventory)
    computes = cloud.shape.computes
    instances.create(x for x in plan.INSTANCES if x.compute <= computes)
    return inventory


def _known(
    cloud: cloud_module.Cloud,
) -> dict[str, inventory_module.Instance]:
    try:
        return inventory_module.load(cloud.directory).instances
    except errors.LabError:
        return {}


def _start_metadata(cloud: cloud_module.Cloud) -> None:
    """Start what stands in for Nova's metadata server."""
    controller = cloud.inits()[layout.CONTROLLER]
    if configuration.NOVA_METADATA_PORT in services.listening(controller):
        return
    address = layout.controller().address(lab_layout.MANAGEMENT)
    service = services.Service(
        "fake-nova-metadata", {processes.LAB_MARK: str(cloud.directory)}
    )
    service.start(
        controller,
        [
            *(sys.executable, "-m", "steth.lab.cloud.scenario.metadata"),
            *(address, str(configuration.NOVA_METADATA_PORT)),
        ],
        {metadata.VARIABLE: cloud.secrets.metadata},
    )
    services.await_port(
        {layout.CONTROLLER: (service, controller)},
        configuration.NOVA_METADATA_PORT,
        _METADATA_TIMEOUT,
    )
