# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check connectivity``"""

import argparse

import msgspec

from steth.checks import base
from steth.osc import arguments
from steth.osc import check_command


class CheckConnectivity(check_command.CheckCommand):
    """Check that all hosts reach each other on every network.

    Every host pings every other one, in both directions, on each network of
    the configuration (without one: on each subnet that the hosts' own
    addresses form), with small packets and with packets of the network's
    full MTU that must not be fragmented.

    A table of the networks is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents; with -c, -f csv or value it is the
    table's rows with plain values.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "connectivity"
    shown = ("network", "host", "count", "size")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        arguments.add_count(
            parser,
            "Packets to send from each host to each other one, of each size",
            base.Options().count,
        )
        parser.add_argument(
            "--size",
            metavar="<bytes>",
            type=arguments.whole_number(64, 65535),
            default=base.Options().size,
            help="Length of the small IP packets, in bytes (64 to 65535, "
            "default: 64)",
        )
        return parser

    def options(self, parsed_args: argparse.Namespace) -> base.Options:
        """Return what the user chose."""
        return msgspec.structs.replace(
            super().options(parsed_args),
            count=parsed_args.count,
            size=parsed_args.size,
        )
