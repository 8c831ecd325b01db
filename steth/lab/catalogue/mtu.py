# SPDX-License-Identifier: Apache-2.0
"""Faults of how large a packet may be on its way."""

from steth.lab import faults
from steth.lab.catalogue import steps

FAULTS = (
    faults.Fault(
        name="mtu-path",
        summary="the switch's port drops longer packets and does not say so",
        finding="underlay-mtu-black-hole",
        value=steps.MTU,
        steps=(
            # Not the port's MTU: how much longer a frame may be, for a VLAN
            # tag, differs between the directions and kernels.
            steps.switch(
                "forward",
                'iifname "{port}" meta length > {value} drop',
                'oifname "{port}" meta length > {value} drop',
            ),
        ),
    ),
    faults.Fault(
        name="mtu-reported",
        summary="a router before the host has a smaller MTU and says so",
        finding="underlay-mtu-reported",
        value=steps.MTU,
        steps=(
            steps.FORGET_IN_THE_END,
            steps.ip(
                faults.Place.SWITCH,
                "link set {port} nomaster\n"
                "address add {router}/32 dev {network}\n"
                "route add {subnet} dev {network} mtu {value}\n"
                "route add {address}/32 dev {port} mtu {value}",
                "route del {address}/32 dev {port}\n"
                "route del {subnet} dev {network}\n"
                "address del {router}/32 dev {network}\n"
                "link set {port} master {network}",
            ),
            # The router answers ARP for whoever is behind it, at once, so
            # that the hosts on both sides need not know of it.
            faults.Step(
                place=faults.Place.SWITCH,
                tool=faults.Tool.SYSCTL,
                inject=(
                    "net.ipv4.conf.{network}.forwarding = 1\n"
                    "net.ipv4.conf.{network}.send_redirects = 0\n"
                    "net.ipv4.conf.{network}.proxy_arp = 1\n"
                    "net.ipv4.neigh.{network}.proxy_delay = 0\n"
                    "net.ipv4.conf.{port}.forwarding = 1\n"
                    "net.ipv4.conf.{port}.send_redirects = 0\n"
                    "net.ipv4.conf.{port}.proxy_arp = 1\n"
                    "net.ipv4.neigh.{port}.proxy_delay = 0\n"
                ),
                heal=(
                    "net.ipv4.conf.{network}.forwarding = 0\n"
                    "net.ipv4.conf.{network}.proxy_arp = 0\n"
                    "net.ipv4.conf.{port}.forwarding = 0\n"
                    "net.ipv4.conf.{port}.proxy_arp = 0\n"
                ),
            ),
            steps.FORGET,
        ),
    ),
)
