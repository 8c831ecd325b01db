# SPDX-License-Identifier: Apache-2.0
"""``openstack steth packet``"""

import argparse
from collections.abc import Sequence
import re
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.model import packet
from steth.model import report
from steth.osc import arguments
from steth.osc import columns
from steth.osc import one_host
from steth.osc import packet_arguments
from steth.rpc import contract
from steth.rpc import requests


class SendPacket(command.ShowOne):
    """Send packets of one's own making from an interface of a host.

    A frame is built from the options, or frames are read from a file. What
    is not given is filled in: the MAC and IP address of the interface, and
    the MAC address that the packet has to go to, which is looked up where
    the kernel would, with one ping where it is not known yet. A line on the
    standard error output says first what will be sent.

    The exit code is 0 when all was sent, 3 when the host's kernel refused to
    send something or the interface did not take it in time, 1 when the
    command itself failed, 2 for wrong usage.
    """

    auth_required = False

    _refused = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "host",
            metavar="<host>",
            type=arguments.name,
            help="Host to send the packets from",
        )
        parser.add_argument(
            "--interface",
            metavar="<interface>",
            type=arguments.device,
            required=True,
            help="Interface to send by",
        )
        parser.add_argument(
            "--netns",
            metavar="<namespace>",
            type=arguments.namespace,
            help="Network namespace that the interface is in (default: the "
            "host's own)",
        )
        packet_arguments.add(parser)
        parser.add_argument(
            "--count",
            metavar="<number>",
            type=arguments.whole_number(1, requests.MAX_SENT_PACKETS),
            default=1,
            help="How often to send it, or all packets of the file (1 to "
            f"{requests.MAX_SENT_PACKETS}, default: 1)",
        )
        parser.add_argument(
            "--interval",
            metavar="<seconds>",
            type=arguments.seconds(0, 10),
            default=0.2,
            help="Seconds between two packets (0 to 10, default: 0.2); never "
            "less than the host's [agent] max_packet_rate allows",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Send nothing, not even to look up a MAC address; only say "
            "what would be sent",
        )
        arguments.add_transport(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether all was sent, as an exit code."""
        failed: int = super().run(parsed_args)
        if failed or not self._refused:
            return failed
        return int(report.ExitCode.FAULT_FOUND)

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Have the host's agent say what it will send, and send it."""
        try:
            planned = _request(parsed_args)
        except ValueError as error:
            raise osc_exceptions.CommandError(_said(str(error))) from None
        with one_host.asking(self, parsed_args) as ask:
            sent = _ask(ask, planned, dry_run=True, seconds=2.0)
            ask.show.announce(_announcement(parsed_args, sent))
            if not parsed_args.dry_run:
                seconds = sent.packets * parsed_args.count * sent.interval
                ask.show(f"Sending for {seconds:.0f} s")
                sent = _ask(ask, planned, dry_run=False, seconds=seconds + 2.0)
        self._refused = sent.refused > 0
        shown = {
            "host": parsed_args.host,
            "namespace": columns.Text(parsed_args.netns),
            "interface": parsed_args.interface,
            "packets": columns.Lines(sent.frames),
            "filled_in": columns.Pairs(sent.filled),
            "to_look_up": columns.Text(sent.sought),
            "sent": sent.sent,
            "refused": sent.refused,
            "reason": columns.Text(sent.reason),
            "duration": round(sent.duration, 3),
        }
        return tuple(shown), tuple(shown.values())


def _request(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of the request.

    :raises ValueError: options contradict each other, or the file can't be
        read
    """
    given = packet_arguments.given(parsed_args)
    planned: dict[str, Any] = {
        "interface": parsed_args.interface,
        "netns": parsed_args.netns,
        "count": parsed_args.count,
        "interval": parsed_args.interval,
    }
    if parsed_args.file is None:
        return planned | {"frame": requests.Frame(**given)}
    if given:
        raise ValueError(f"{next(iter(given))}: does not go with file")
    return planned | {"file": packet_arguments.read(parsed_args.file)}


def _ask(
    ask: one_host.Asking,
    planned: dict[str, Any],
    *,
    dry_run: bool,
    seconds: float,
) -> packet.PacketsSent:
    """Ask, and say an error in the words of the options."""
    try:
        answered: packet.PacketsSent = ask(
            contract.PROBE_PACKET_SEND,
            requests.PacketSend(dry_run=dry_run, **planned),
            seconds=seconds,
        )
    except osc_exceptions.CommandError as error:
        raise osc_exceptions.CommandError(_said(str(error))) from None
    return answered


def _said(message: str) -> str:
    """Name the options, not the arguments of the operation."""

    def option(found: re.Match[str]) -> str:
        return "--" + packet_arguments.OPTIONS[found[0]]

    names = sorted(packet_arguments.OPTIONS, key=len, reverse=True)
    # An argument begins the message, or is what another does not go with.
    return re.sub(
        rf"(?:(?<=^)|(?<=: )|(?<=with ))({'|'.join(names)})(?=[: ]|$)",
        option,
        message,
    )


def _announcement(
    parsed_args: argparse.Namespace, sent: packet.PacketsSent
) -> str:
    """Say in a line what will be sent, from where and how often."""
    place = f"{parsed_args.host} {parsed_args.interface}"
    if parsed_args.netns:
        place += f"@{parsed_args.netns}"
    said = sent.frames[0]
    if sent.packets > 1:
        said = f"{sent.packets} packets, the first {said}"
    total = sent.packets * parsed_args.count
    often = "once"
    if parsed_args.count > 1:
        often = f"{parsed_args.count} times"
    if total > 1:
        often += f", {sent.interval:g} s apart"
    return f"{place}: {said}; {often}"
