# SPDX-License-Identifier: Apache-2.0
"""Faults of a host's addresses and routes."""

from steth.lab import faults
from steth.lab.catalogue import steps

FAULTS = (
    faults.Fault(
        name="address-missing",
        summary="the host has no address on the network",
        finding="host-address-missing",
        steps=(
            steps.ip(
                faults.Place.HOST,
                "address del {address}/{prefix} dev {nic}",
                "address replace " + steps.FULL_ADDRESS,
            ),
        ),
    ),
    faults.Fault(
        name="address-duplicate",
        summary="the host has taken the peer's address in addition",
        finding="underlay-address-duplicate",
        peer=faults.Peer.REQUIRED,
        steps=(
            steps.FORGET_IN_THE_END,
            steps.ip(
                faults.Place.HOST,
                "address add {peer_address}/{prefix} dev {nic}",
                "address del {peer_address}/{prefix} dev {nic}",
            ),
            steps.FORGET,
        ),
    ),
    faults.Fault(
        name="address-taken",
        summary="a machine without an agent has taken the host's address",
        finding="underlay-address-duplicate",
        steps=(
            steps.FORGET_IN_THE_END,
            steps.ip(
                faults.Place.SWITCH,
                "address add {address}/32 dev {network}\n"
                "route add {subnet} dev {network}",
                "route del {subnet} dev {network}\n"
                "address del {address}/32 dev {network}",
            ),
            steps.FORGET,
        ),
    ),
    faults.Fault(
        name="wrong-prefix",
        summary="the host's address has another prefix length",
        finding="host-wrong-prefix",
        value=faults.Value(default=30, least=8, most=32, meaning="bits"),
        steps=(
            steps.ip(
                faults.Place.HOST,
                "address del {address}/{prefix} dev {nic}\n"
                "address add {address}/{value} broadcast + dev {nic}",
                "address del {address}/{value} dev {nic}\n"
                "address replace " + steps.FULL_ADDRESS,
            ),
        ),
    ),
    faults.Fault(
        name="route-missing",
        summary="the host has no route to the network's subnet",
        finding="host-no-route",
        steps=(
            steps.ip(
                faults.Place.HOST,
                "route del {subnet} dev {nic}",
                "route replace {subnet} dev {nic} proto kernel scope link "
                "src {address}",
            ),
        ),
    ),
    faults.Fault(
        name="route-astray",
        summary="the host sends what is for the peer out of another device",
        finding="host-wrong-route",
        peer=faults.Peer.REQUIRED,
        steps=(
            steps.ip(
                faults.Place.HOST,
                "link add steth-astray type veth peer name steth-nowhere\n"
                "link set steth-astray arp off up\n"
                "link set steth-nowhere up\n"
                "route add {peer_address} dev steth-astray src {address}",
                "link del steth-astray",
            ),
        ),
    ),
    faults.Fault(
        name="neighbour-wrong",
        summary="the host has a fixed, wrong hardware address for the peer",
        finding="host-wrong-neighbour",
        peer=faults.Peer.REQUIRED,
        steps=(
            steps.ip(
                faults.Place.HOST,
                "neigh replace {peer_address} lladdr 02:00:00:00:00:99 "
                "nud permanent dev {nic}",
                "neigh del {peer_address} dev {nic}",
            ),
        ),
    ),
)
