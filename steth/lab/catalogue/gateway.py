# SPDX-License-Identifier: Apache-2.0
"""Faults of the networks' gateway."""

from steth.lab import faults
from steth.lab.catalogue import steps


def _fault(
    name: str, summary: str, finding: str, *done: faults.Step
) -> faults.Fault:
    return faults.Fault(
        name=name,
        summary=summary,
        finding=finding,
        need=faults.Need.GATEWAY,
        check="gateway",
        steps=done,
    )


FAULTS = (
    _fault(
        "gateway-silent",
        "the network's gateway has no carrier",
        "underlay-gateway-silent",
        steps.ip(
            faults.Place.SWITCH,
            "link set {gateway_port} down",
            "link set {gateway_port} up",
        ),
    ),
    _fault(
        "gateway-unheard",
        "the switch drops what the gateway sends to the host",
        "underlay-gateway-unheard",
        steps.switch(
            "forward", 'iifname "{gateway_port}" oifname "{port}" drop'
        ),
    ),
    _fault(
        "gateway-taken",
        "a machine without an agent has taken the gateway's address",
        "underlay-address-duplicate",
        steps.FORGET_IN_THE_END,
        steps.ip(
            faults.Place.SWITCH,
            "address add {gateway}/32 dev {network}\n"
            "route add {subnet} dev {network}",
            "route del {subnet} dev {network}\n"
            "address del {gateway}/32 dev {network}",
        ),
        steps.FORGET,
    ),
    _fault(
        "gateway-taken-by-host",
        "the host has taken the gateway's address",
        "underlay-address-duplicate",
        steps.FORGET_IN_THE_END,
        steps.ip(
            faults.Place.HOST,
            "address add {gateway}/32 dev {nic}",
            "address del {gateway}/32 dev {nic}",
        ),
        steps.FORGET,
    ),
)
