# SPDX-License-Identifier: Apache-2.0
"""Plugging an instance's NIC into a compute, as os-vif and libvirt do.

The names and external ids are those of os-vif's ``vif_plug_ovs``. Where a
hypervisor would hold the tap device, its other end is the instance's NIC.
"""

import shlex

import msgspec

from steth.lab import commands
from steth.lab import namespace
from steth.lab import processes
from steth.lab.cloud.instance import machine as machine_module

TOOLS = ("ethtool", "ip", "ovs-vsctl", "sysctl")

#: What of a port's id is in a device's name, to fit 14 characters.
_ID_LENGTH = 11


class Nic(msgspec.Struct, frozen=True, kw_only=True):
    """What is plugged: a Neutron port, as its binding says.

    ``hybrid`` is ``ovs_hybrid_plug`` of the binding's details: a Linux
    bridge, where iptables can filter, between the tap and br-int.
    """

    port: str
    mac: str
    mtu: int
    instance: str
    hybrid: bool = False

    def device(self, prefix: str) -> str:
        """Return the name of one of its devices: tap, qbr, qvb or qvo."""
        return prefix + self.port[:_ID_LENGTH]

    @property
    def in_bridge(self) -> str:
        """The device that is a port of br-int."""
        return self.device("qvo" if self.hybrid else "tap")


def plug(
    compute: processes.Process, machine: machine_module.Machine, nic: Nic
) -> None:
    """Give an instance its NIC, and the compute the way to it.

    :raises errors.LabError: when a tool fails
    """
    unplug(compute, nic)
    commands.run(
        namespace.in_network(compute, ["ip", "-batch", "-"]),
        _devices(nic, machine.process.pid),
    )
    if nic.hybrid:
        setting = f"net/ipv6/conf/{nic.device('qbr')}/disable_ipv6=1"
        commands.run(
            namespace.in_network(compute, ["sysctl", "-q", "-w", setting])
        )
    for process, device in _ends(compute, machine, nic):
        # Userspace Open vSwitch computes no checksums for who leaves them
        # to the hardware.
        commands.run(
            namespace.in_network(
                process, ["ethtool", "-K", device, "tx", "off"]
            )
        )
    commands.run(
        namespace.inside(compute, ["sh", "-e", "-c", attach(nic)]),
    )


def unplug(compute: processes.Process, nic: Nic) -> None:
    """Take away all that ``plug`` made on the compute."""
    commands.run(
        namespace.inside(
            compute,
            ["ovs-vsctl", "--if-exists", "del-port", "br-int", nic.in_bridge],
        )
    )
    for prefix in ("tap", "qvb", "qbr"):
        device = nic.device(prefix)
        if f"{device}:" in processes.network_file(compute, "dev"):
            commands.run(
                namespace.in_network(compute, ["ip", "link", "del", device])
            )


def attach(nic: Nic) -> str:
    """Return the command that makes the device a port of br-int."""
    ids = {
        "iface-id": nic.port,
        "iface-status": "active",
        "attached-mac": nic.mac,
        "vm-uuid": nic.instance,
    }
    settings = [f'external_ids:{key}="{value}"' for key, value in ids.items()]
    device = nic.in_bridge
    return shlex.join(
        [
            *("ovs-vsctl", "--timeout=10"),
            *("--", "--if-exists", "del-port", device),
            *("--", "add-port", "br-int", device),
            *("--", "set", "Interface", device, *settings),
        ]
    )


def _devices(nic: Nic, pid: int) -> str:
    """Return what ip(8) makes the devices with.

    :param pid: the instance's first process
    """
    tap = nic.device("tap")
    # libvirt gives a tap device the guest's address with this first octet.
    outer = f"fe{nic.mac[2:]}"
    lines = [
        f"link add {tap} address {outer} mtu {nic.mtu} type veth peer name "
        f"{machine_module.NIC} address {nic.mac} mtu {nic.mtu} netns {pid}",
        f"link set {tap} up",
    ]
    if nic.hybrid:
        bridge, inner, port = (nic.device(x) for x in ("qbr", "qvb", "qvo"))
        lines += [
            f"link add {bridge} type bridge stp_state 0 forward_delay 0 "
            f"mcast_snooping 0",
            f"link add {inner} mtu {nic.mtu} type veth peer name {port} "
            f"mtu {nic.mtu}",
            f"link set {inner} promisc on master {bridge} up",
            f"link set {port} promisc on up",
            f"link set {tap} master {bridge}",
            f"link set {bridge} mtu {nic.mtu} up",
        ]
    return "\n".join(lines)


def _ends(
    compute: processes.Process,
    machine: machine_module.Machine,
    nic: Nic,
) -> list[tuple[processes.Process, str]]:
    """Return the devices that hand packets to userspace, and where."""
    ends = [
        (compute, nic.device("tap")),
        (machine.process, machine_module.NIC),
    ]
    if nic.hybrid:
        ends += [(compute, nic.device(x)) for x in ("qvb", "qvo")]
    return ends
