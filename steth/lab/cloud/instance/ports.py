# SPDX-License-Identifier: Apache-2.0
"""What Nova asks of Neutron for an instance."""

import ipaddress
from typing import Any
import uuid as uuid_module

from steth.lab import deadline
from steth.lab import errors
from steth.lab.cloud.instance import plug
from steth.lab.cloud.scenario import inventory as inventory_module

#: Neutron calls the host's agent, which wires the port: seconds for that.
_ACTIVE_TIMEOUT = 60.0

BINDING_FAILED = "binding_failed"


def ensure(
    connection: Any,
    name: str,
    host: str,
    network: inventory_module.Network,
    group: str,
) -> inventory_module.Instance:
    """Return an instance's port, bound to a host; made if it is not there.

    :param group: the id of its security group
    """
    neutron = connection.network
    port = next(iter(neutron.ports(name=name, network_id=network.id)), None)
    if port is None:
        port = neutron.create_port(
            name=name,
            network_id=network.id,
            device_owner="compute:nova",
            device_id=str(uuid_module.uuid4()),
            binding_host_id=host,
            security_groups=[group],
        )
    elif port.binding_host_id != host:
        port = neutron.update_port(port, binding_host_id=host)
    return _instance(name, host, network.name, port)


def _instance(
    name: str, host: str, network: str, port: Any
) -> inventory_module.Instance:
    addresses = {
        ipaddress.ip_address(one["ip_address"]).version: one["ip_address"]
        for one in port.fixed_ips
    }
    return inventory_module.Instance(
        name=name,
        uuid=port.device_id,
        host=host,
        network=network,
        port=port.id,
        mac=port.mac_address,
        address=addresses.get(4, ""),
        address6=addresses.get(6, ""),
    )


def nic(
    connection: Any,
    instance: inventory_module.Instance,
    network: inventory_module.Network,
) -> plug.Nic:
    """Return what is to be plugged, as the port's binding says.

    :raises errors.LabError: when Neutron could not bind the port
    """
    port = connection.network.get_port(instance.port)
    if port.binding_vif_type == BINDING_FAILED:
        raise errors.LabError(
            f"Neutron cannot bind the port of {instance.name} to "
            f"{instance.host}: is network {network.name} to be had there?"
        )
    details = port.binding_vif_details or {}
    return plug.Nic(
        port=instance.port,
        mac=instance.mac,
        mtu=network.mtu,
        instance=instance.uuid,
        hybrid=bool(details.get("ovs_hybrid_plug")),
    )


def float_to(
    connection: Any, instance: inventory_module.Instance, external: str
) -> tuple[str, str]:
    """Return address and id of an instance's floating IP; made if needed.

    :param external: the id of the external network
    """
    neutron = connection.network
    found = next(iter(neutron.ips(port_id=instance.port)), None)
    if found is None:
        found = neutron.create_ip(
            floating_network_id=external, port_id=instance.port
        )
    return found.floating_ip_address, found.id


def move(connection: Any, port: str, host: str) -> None:
    """Bind a port to another host."""
    connection.network.update_port(port, binding_host_id=host)


def delete(connection: Any, instance: inventory_module.Instance) -> None:
    """Delete an instance's floating IP and port."""
    neutron = connection.network
    for one in list(neutron.ips(port_id=instance.port)):
        neutron.delete_ip(one)
    neutron.delete_port(instance.port)


def await_active(connection: Any, wanted: dict[str, str]) -> None:
    """Wait until Neutron says that the agents have wired the ports.

    :param wanted: the name of each instance, by the id of its port
    :raises errors.LabError: naming those that are not in time
    """
    waiting = dict(wanted)

    def settled() -> bool:
        for port in connection.network.ports(status="ACTIVE", fields=["id"]):
            waiting.pop(port.id, None)
        return not waiting

    if not deadline.until(settled, _ACTIVE_TIMEOUT):
        raise errors.LabError(
            f"not wired after {_ACTIVE_TIMEOUT:.0f} s: "
            f"{', '.join(sorted(waiting.values()))}; see the log of "
            f"neutron-openvswitch-agent on their computes"
        )
