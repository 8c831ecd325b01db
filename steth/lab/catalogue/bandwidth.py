# SPDX-License-Identifier: Apache-2.0
"""Faults of how much passes."""

from steth.lab import faults

FAULTS = (
    faults.Fault(
        name="rate-limited",
        summary="the switch's port lets little pass to the host",
        finding="underlay-bandwidth-host",
        check="bandwidth",
        value=faults.Value(default=20, least=1, most=10_000, meaning="Mbit/s"),
        steps=(
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.TC,
                inject=(
                    "qdisc add dev {port} root tbf rate {value}mbit "
                    "burst 64kb latency 50ms"
                ),
                heal="qdisc del dev {port} root",
            ),
        ),
    ),
)
