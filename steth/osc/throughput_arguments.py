# SPDX-License-Identifier: Apache-2.0
"""Arguments of the commands that measure throughput."""

import argparse

from steth.checks import base
from steth.model import throughput
from steth.osc import arguments
from steth.rpc import requests


def add(parser: argparse.ArgumentParser) -> None:
    """Add what a single test is like."""
    default = base.Throughput()
    parser.add_argument(
        "--duration",
        metavar="<seconds>",
        type=arguments.whole_number(1, requests.MAX_TEST_SECONDS),
        default=default.seconds,
        help="Seconds that a test sends (1 to "
        f"{requests.MAX_TEST_SECONDS}, default: {default.seconds})",
    )
    parser.add_argument(
        "--protocol",
        choices=[str(one) for one in throughput.Protocol],
        default=str(default.protocol),
        help="TCP, with its retransmits, or UDP, with loss and jitter, which "
        "needs --rate (default: tcp)",
    )
    parser.add_argument(
        "--rate",
        metavar="<Mbit/s>",
        type=arguments.whole_number(1, int(requests.MAX_RATE)),
        help="Send no faster than this in each test, in Mbit/s (default: as "
        "fast as TCP can)",
    )
    parser.add_argument(
        "--streams",
        metavar="<number>",
        type=arguments.whole_number(1, requests.MAX_STREAMS),
        default=default.streams,
        help="Connections of a test, where one does not fill the path (1 to "
        f"{requests.MAX_STREAMS}, default: {default.streams})",
    )


def of(
    parsed_args: argparse.Namespace,
    *,
    rounds: int = base.Throughput().rounds,
    simultaneous: bool = False,
) -> base.Throughput:
    """Return what the user chose.

    :raises base.UsageError: when it does not go together
    """
    protocol = throughput.Protocol(parsed_args.protocol)
    if protocol is throughput.Protocol.UDP and parsed_args.rate is None:
        raise base.UsageError(
            "--protocol udp needs --rate: UDP sends at a rate that is given"
        )
    return base.Throughput(
        seconds=parsed_args.duration,
        protocol=protocol,
        rate=parsed_args.rate,
        streams=parsed_args.streams,
        rounds=rounds,
        simultaneous=simultaneous,
    )
