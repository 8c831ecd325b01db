# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check mtu``"""

import argparse

import msgspec

from steth.checks import base
from steth.osc import arguments
from steth.osc import check_command


class CheckMtu(check_command.CheckCommand):
    """Check how large a packet passes between the hosts.

    Every host sends packets that must not be fragmented to every other one,
    on each network, of the size that the network needs: its configured MTU,
    or that of most hosts on it. Where these do not pass, or the interfaces
    would take larger ones, the largest size that passes is found with many
    sizes at once. Where credentials of a cloud are given, the network that
    carries its tunnels is also held against what they need: the MTU of
    Neutron's networks and their encapsulation. A limit that a router reports
    is told from a black hole, and on which host it is.

    A table of the networks is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents; with -c, -f csv or value it is the
    table's rows with plain values.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "mtu"
    shown = ("network", "host", "count")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        arguments.add_count(
            parser,
            "Packets of the needed size to send from each host to each other "
            "one, and as many small ones",
            base.Options().count,
        )
        return parser

    def options(self, parsed_args: argparse.Namespace) -> base.Options:
        """Return what the user chose."""
        return msgspec.structs.replace(
            super().options(parsed_args), count=parsed_args.count
        )
