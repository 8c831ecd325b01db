# SPDX-License-Identifier: Apache-2.0
"""Faults of a host's NIC."""

from steth.lab import faults
from steth.lab.catalogue import steps

FAULTS = (
    faults.Fault(
        name="interface-missing",
        summary="the host has no longer a NIC on the network",
        finding="host-interface-missing",
        steps=(
            steps.ip(
                faults.Place.HOST,
                "",
                "link set {nic} mtu {mtu} up\n"
                "address replace " + steps.FULL_ADDRESS,
            ),
            steps.ip(
                faults.Place.SWITCH,
                "",
                "link set {removed} netns {host_pid} name {nic}",
            ),
            steps.ip(
                faults.Place.HOST,
                "link set {nic} netns {switch_pid} name {removed}",
                "",
            ),
        ),
    ),
    faults.Fault(
        name="interface-down",
        summary="the host's NIC is administratively down",
        finding="host-interface-down",
        steps=(
            steps.ip(
                faults.Place.HOST, "link set {nic} down", "link set {nic} up"
            ),
        ),
    ),
    faults.Fault(
        name="no-carrier",
        summary="the switch's port is down, the NIC has no carrier",
        finding="underlay-no-carrier",
        steps=(
            steps.ip(
                faults.Place.SWITCH,
                "link set {port} down",
                "link set {port} up",
            ),
        ),
    ),
    faults.Fault(
        name="mtu-small",
        summary="the NIC's MTU is smaller than the network's",
        finding="host-mtu-small",
        value=steps.MTU,
        steps=(
            steps.ip(
                faults.Place.HOST,
                "link set {nic} mtu {value}",
                "link set {nic} mtu {mtu}",
            ),
        ),
    ),
)
