# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check vlan``"""

import argparse

import msgspec

from steth.checks import base
from steth.osc import arguments
from steth.osc import check_command


class CheckVlan(check_command.CheckCommand):
    """Check that VLANs are trunked to all hosts.

    Each host sends marked broadcast frames, one on every VLAN, while all
    others listen. Nothing is changed on the hosts: no VLAN interface is made,
    and a NIC or bond may be a port of a bridge meanwhile. Which interfaces
    and VLANs are tried is said by the options, else by the configuration's
    [inventory] physical_networks; VLANs that neither says are those that
    Neutron's networks and segment ranges use on that physical network.

    A table of the hosts with ranges of VLANs is shown, with their switch
    ports where lldpd runs on the hosts, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object
    with all measurements, findings and agents.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "vlan"
    shown = ("host", "interface", "physical_network", "vlans")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--interface",
            metavar="[<host>:]<interface>",
            action="append",
            default=[],
            help="Interface on the trunk, of one host or of all others "
            "(repeat for several hosts)",
        )
        parser.add_argument(
            "--physical-network",
            metavar="<name>",
            type=arguments.name,
            action="append",
            default=[],
            help="Check only this physical network of the configuration "
            "(repeat for several)",
        )
        parser.add_argument(
            "--vlans",
            metavar="<ranges>",
            type=arguments.vlan_ranges,
            help="VLANs that must reach all hosts, e.g. 100-200,300 "
            "(default: those of the configuration, else Neutron's)",
        )
        return parser

    def options(self, parsed_args: argparse.Namespace) -> base.Options:
        """Return what the user chose."""
        return msgspec.structs.replace(
            super().options(parsed_args),
            interfaces=tuple(parsed_args.interface),
            physical_networks=tuple(parsed_args.physical_network),
            vlans=parsed_args.vlans or "",
        )
