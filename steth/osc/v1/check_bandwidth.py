# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check bandwidth``"""

import argparse

import msgspec

from steth.checks import base
from steth.osc import arguments
from steth.osc import check_command
from steth.osc import throughput_arguments


class CheckBandwidth(check_command.CheckCommand):
    """Check that enough passes between the hosts on every network.

    iperf3 sends from host to host in rounds in which no host is in two
    tests, or, with --simultaneous, from all hosts at once, to show where
    links between switches are too small for their hosts. What arrives is
    compared with minimum_bandwidth of the network's configuration; without
    one, with the speed of the NICs. What is slow is tested again alone
    before it is told.

    The tests put load on the networks: how much is said on standard error
    before they start. The hosts need iperf3, and have to let each other
    reach ports 5201 to 5300.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "bandwidth"
    shown = (
        "network",
        "host",
        "duration",
        "protocol",
        "rate",
        "streams",
        "rounds",
        "simultaneous",
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        throughput_arguments.add(parser)
        parser.add_argument(
            "--rounds",
            metavar="<number>",
            type=arguments.whole_number(1, 1000),
            default=base.Throughput().rounds,
            help="Rounds on each network at most; all pairs of N hosts take "
            "N - 1 rounds, both directions twice as many (1 to 1000, "
            f"default: {base.Throughput().rounds})",
        )
        parser.add_argument(
            "--simultaneous",
            action="store_true",
            help="Let all hosts send and receive at once in each round",
        )
        return parser

    def options(self, parsed_args: argparse.Namespace) -> base.Options:
        """Return what the user chose.

        :raises base.UsageError: when it does not go together
        """
        return msgspec.structs.replace(
            super().options(parsed_args),
            throughput=throughput_arguments.of(
                parsed_args,
                rounds=parsed_args.rounds,
                simultaneous=parsed_args.simultaneous,
            ),
        )
