# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check rogue-dhcp``"""

import argparse

import msgspec

from steth.checks import base
from steth.osc import arguments
from steth.osc import check_command


class CheckRogueDhcp(check_command.CheckCommand):
    """Check which DHCP servers answer on the hosts' networks.

    Each host sends two marked DHCPDISCOVERs on each network and listens for
    seven seconds, and once more for fifteen where an expected server has not
    answered: one may be slow that first looks whether the address which it
    will offer is free. A DHCPREQUEST is never sent, so that no address is
    taken. A server holds the address that it offers back for some seconds,
    one for all hosts, since all name the same client: an address with the
    prefix 02:53. A switch port that snoops DHCP and compares addresses drops
    that. Servers that should answer are those of dhcp_servers in the
    network's section of the configuration; where it has none, none should.
    With a cloud, Neutron's networks on the physical networks of the
    configuration are tried too, and its own servers may answer there.

    With --interface, --physical-network or --vlans, other interfaces and
    VLANs are tried instead: the frames are tagged, no VLAN interface is made,
    and a NIC or bond may be a port of a bridge meanwhile.

    A table of the networks is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "rogue-dhcp"
    shown = ("network", "host", "interface", "physical_network", "vlans")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--interface",
            metavar="[<host>:]<interface>",
            action="append",
            default=[],
            help="Ask on this interface, of one host or of all others, "
            "instead of on the hosts' networks (repeat for several hosts)",
        )
        parser.add_argument(
            "--physical-network",
            metavar="<name>",
            type=arguments.name,
            action="append",
            default=[],
            help="Ask on the VLANs of this physical network of the "
            "configuration (repeat for several)",
        )
        parser.add_argument(
            "--vlans",
            metavar="<ranges>",
            type=arguments.vlan_ranges,
            help="VLANs to ask on, e.g. 100-200,300 (default: without a tag "
            "on --interface; on physical networks those of the "
            "configuration, else Neutron's)",
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
