# SPDX-License-Identifier: Apache-2.0
"""``openstack steth vlan interface``"""

import argparse
from collections.abc import Sequence
from typing import Any

from osc_lib.command import command

from steth.model import vlan_interface
from steth.osc import arguments
from steth.osc import columns
from steth.osc import one_host
from steth.rpc import contract
from steth.rpc import requests


class CreateVlanInterface(command.ShowOne):
    """Create a temporary interface for a VLAN on a host.

    It has a name of Steth's own, and the agent removes it: after its
    lifetime, with 'vlan interface delete', when the agent stops, and should
    the agent have been killed, when it starts again. The agent needs
    CAP_NET_ADMIN, which it does not have by default.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        _add_place(parser)
        parser.add_argument(
            "--cidr",
            metavar="<address>/<length>",
            type=_cidr,
            help="Address of the interface, with its prefix length",
        )
        parser.add_argument(
            "--lifetime",
            metavar="<seconds>",
            type=arguments.seconds(1, requests.MAX_LIFETIME),
            default=600.0,
            help="Seconds until it is removed (1 to "
            f"{requests.MAX_LIFETIME:.0f}, default: 600)",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Ask the host's agent; return what it made."""
        made: vlan_interface.VlanInterface = one_host.ask(
            self,
            parsed_args,
            contract.PROBE_VLAN_INTERFACE,
            requests.VlanInterface(
                interface=parsed_args.interface,
                vlan=parsed_args.vlan,
                cidr=parsed_args.cidr,
                lifetime=parsed_args.lifetime,
            ),
            seconds=2.0,
        )
        shown = {
            "host": parsed_args.host,
            "name": made.name,
            "interface": made.interface,
            "vlan": made.vlan,
            "cidr": columns.Text(made.cidr),
            "task": made.task.id,
            "lease_left": columns.Uptime(made.task.remaining),
        }
        return tuple(shown), tuple(shown.values())


class DeleteVlanInterface(command.Command):
    """Delete a temporary interface for a VLAN on a host.

    Only one that 'vlan interface create' has made.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        _add_place(parser)
        arguments.add_transport(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Ask the host's agent."""
        one_host.ask(
            self,
            parsed_args,
            contract.PROBE_VLAN_INTERFACE_REMOVE,
            requests.VlanInterfaceRemove(
                interface=parsed_args.interface, vlan=parsed_args.vlan
            ),
            seconds=2.0,
        )


def _add_place(parser: argparse.ArgumentParser) -> None:
    one_host.add_host(parser)
    parser.add_argument(
        "interface",
        metavar="<interface>",
        type=arguments.device,
        help="Interface that the VLAN comes by",
    )
    parser.add_argument(
        "vlan",
        metavar="<vlan>",
        type=arguments.whole_number(1, 4094),
        help="VLAN (1 to 4094)",
    )


def _cidr(text: str) -> str:
    try:
        requests.VlanInterface(interface="any", vlan=1, cidr=text)
    except ValueError as error:
        said = str(error).removeprefix("cidr: ")
        raise argparse.ArgumentTypeError(said) from None
    return text
