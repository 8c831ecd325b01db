# SPDX-License-Identifier: Apache-2.0
"""Faults of who gives addresses away."""

from steth.lab import faults
from steth.lab.catalogue import steps


def _serve(place: faults.Place, device: str) -> faults.Step:
    return faults.Step(
        place=place,
        tool=faults.Tool.DHCP,
        inject=f"{device} {{dhcp_range}}",
        heal=device,
    )


FAULTS = (
    faults.Fault(
        name="rogue-dhcp",
        summary="the host serves DHCP, which nobody asked it to do",
        finding="dhcp-rogue-server",
        check="rogue-dhcp",
        steps=(_serve(faults.Place.HOST, "{nic}"),),
    ),
    faults.Fault(
        name="rogue-dhcp-foreign",
        summary="a machine without an agent serves DHCP",
        finding="dhcp-rogue-server",
        check="rogue-dhcp",
        steps=(
            steps.ip(
                faults.Place.SWITCH,
                "address add {router}/{prefix} dev {network}",
                "address del {router}/{prefix} dev {network}",
            ),
            _serve(faults.Place.SWITCH, "{network}"),
        ),
    ),
)
