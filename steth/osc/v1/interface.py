# SPDX-License-Identifier: Apache-2.0
"""``openstack steth interface``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.model import host as host_model
from steth.model import interface as interface_model
from steth.osc import arguments
from steth.osc import columns
from steth.osc import interface_details
from steth.osc import lister
from steth.osc import one_host
from steth.rpc import contract
from steth.rpc import errors
from steth.rpc import requests


class ListInterface(lister.Lister):
    """List the network interfaces of a host.

    Those of the host's own network namespace, or of another one, or of all.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        one_host.add_host(parser)
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--netns",
            metavar="<namespace>",
            type=arguments.namespace,
            help="List those of this network namespace",
        )
        chosen.add_argument(
            "--all-netns",
            action="store_true",
            help="List those of all network namespaces",
        )
        parser.add_argument(
            "--long",
            action="store_true",
            help="List also the counters since the interface was made",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Ask the host's agent; return a row for each interface."""
        with one_host.asking(self, parsed_args) as agent:
            snapshot = _snapshot(agent, parsed_args, parsed_args.all_netns)
        if parsed_args.all_netns:
            namespaces = snapshot.namespaces
        else:
            namespaces = (_namespace(snapshot, parsed_args.netns),)
        titles = [
            "Name", "State", "Carrier", "MAC Address", "MTU", "Speed",
            "Duplex", "Kind", "Master", "Parent", "VLAN", "Addresses",
        ]  # fmt: skip
        if parsed_args.all_netns:
            titles.insert(0, "Namespace")
        if parsed_args.long:
            titles += [
                _title(one) for one in host_model.Counters.__struct_fields__
            ]
        for one in namespaces:
            if one.error:
                self.log.warning("%s", one.error)
        return titles, [
            [_cell(space, link, title) for title in titles]
            for space in namespaces
            for link in space.links
        ]


class ShowInterface(command.ShowOne):
    """Show one network interface of a host.

    What ip and ethtool tell of it: how it is set up, what it is and belongs
    to, its addresses, its driver, and its counters. What it has none of is
    left out.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        one_host.add_host(parser)
        parser.add_argument(
            "interface",
            metavar="<interface>",
            type=arguments.device,
            help="Name of the interface",
        )
        parser.add_argument(
            "--netns",
            metavar="<namespace>",
            type=arguments.namespace,
            help="Network namespace that the interface is in (default: the "
            "host's own)",
        )
        parser.add_argument(
            "--long",
            action="store_true",
            help="Show also those of the driver's own statistics that do not "
            "count what went wrong",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Ask the host's agent; return all that is known of the interface."""
        with one_host.asking(self, parsed_args) as agent:
            snapshot = _snapshot(agent, parsed_args, all_namespaces=False)
            space = _namespace(snapshot, parsed_args.netns)
            link = space.link(parsed_args.interface)
            if link is None:
                raise osc_exceptions.CommandError(
                    _no_interface(snapshot, space, parsed_args.interface)
                )
            answer = agent.attempt(
                contract.INSPECT_INTERFACE,
                requests.InspectInterface(
                    interface=link.name, netns=parsed_args.netns
                ),
                seconds=2.0,
            )
        one = answer.data
        if answer.error is not None:
            self.log.warning(
                "Not all is shown of %s: %s", link.name, answer.error.message
            )
            one = interface_model.Interface(name=link.name, index=link.index)
        shown = _shown(snapshot, space, link, one, parsed_args.long)
        return tuple(shown), tuple(shown.values())


def _shown(
    snapshot: host_model.HostSnapshot,
    space: host_model.Namespace,
    link: host_model.Link,
    one: interface_model.Interface,
    every: bool,
) -> dict[str, Any]:
    """Return all there is to show, by the name of its row.

    :param every: all statistics of the driver
    """

    def cells(*titles: str) -> dict[str, Any]:
        return {
            title.lower().replace(" ", "_"): _cell(space, link, title)
            for title in titles
        }

    return {
        **cells("Name", "Namespace", "Index"),
        **interface_details.names(one),
        **cells("State", "Operational State", "Carrier", "Carrier Changes"),
        **cells("MAC Address", "MTU"),
        **interface_details.state(one),
        **cells("Kind", "Master", "Ports", "Parent", "VLAN"),
        **interface_details.relations(one, snapshot.namespaces),
        "addresses": interface_details.addresses(space, link.name),
        **cells("Speed", "Duplex"),
        **interface_details.driver(one.ethtool),
        **cells(*_FIELDS),
        **interface_details.statistics(one.ethtool, every=every),
    }


def _snapshot(
    agent: one_host.Asking,
    parsed_args: argparse.Namespace,
    all_namespaces: bool,
) -> host_model.HostSnapshot:
    """Ask the agent of the host.

    :raises osc_exceptions.CommandError: when it does not answer
    """
    # With a namespace named, all are read: an unknown name is told with
    # those that there are.
    wanted = all_namespaces or parsed_args.netns is not None
    snapshot: host_model.HostSnapshot = agent(
        contract.INSPECT_HOST,
        requests.InspectHost(all_namespaces=wanted),
        seconds=2.0,
    )
    return snapshot


def _namespace(
    snapshot: host_model.HostSnapshot, name: str | None
) -> host_model.Namespace:
    if name is None:
        return snapshot.root
    for one in snapshot.namespaces:
        if one.name == name:
            if one.error:
                raise osc_exceptions.CommandError(one.error)
            return one
    raise osc_exceptions.CommandError(
        f"{snapshot.host} has no network namespace {name!r}"
        + errors.instead_of(
            name, (one.name for one in snapshot.namespaces if one.name)
        )
    )


def _no_interface(
    snapshot: host_model.HostSnapshot,
    space: host_model.Namespace,
    name: str,
) -> str:
    """Say where an interface is, or what there is instead."""
    place = f" in namespace {space.name}" if space.name else ""
    instead = errors.instead_of(name, (one.name for one in space.links))
    said = f"{snapshot.host}{place} has no interface {name!r}{instead}"
    others = [
        one.name or "the host's own"
        for one in snapshot.namespaces
        if one.name != space.name and one.link(name)
    ]
    if others:
        return f"{said}; it is in another namespace: {', '.join(others)}"
    if not space.name:
        said += "; --netns looks into another namespace"
    return said


def _title(field: str) -> str:
    """Return the column title of a counter, e.g. ``RX Packets``."""
    first, _, rest = field.partition("_")
    words = [first.upper() if rest else first.capitalize()]
    return " ".join([*words, rest.capitalize()] if rest else words)


_FIELDS = {_title(one): one for one in host_model.Counters.__struct_fields__}


def _cell(
    space: host_model.Namespace, link: host_model.Link, title: str
) -> Any:
    if title in _FIELDS:
        return getattr(link.counters, _FIELDS[title])
    match title:
        case "Name":
            return link.name
        case "Namespace":
            return columns.Text(space.name or None)
        case "Index":
            return link.index
        case "State":
            return "up" if link.admin_up else "down"
        case "Operational State":
            return link.oper_state
        case "Carrier":
            return columns.Answer(link.carrier)
        case "Carrier Changes":
            return link.carrier_changes
        case "MAC Address":
            return columns.Text(link.mac)
        case "MTU":
            return link.mtu
        case "Speed":
            return columns.Speed(link.speed)
        case "Duplex":
            return columns.Text(link.duplex)
        case "Kind":
            # It has no kind of the kernel's, but is no physical one either.
            return columns.Text("loopback" if link.loopback else link.kind)
        case "Master":
            return columns.Text(link.master)
        case "Ports":
            return columns.Names(
                one.name for one in space.links if one.master == link.name
            )
        case "Parent":
            return columns.Text(link.parent)
        case "VLAN":
            return columns.Number(link.vlan_id)
        case "Addresses":
            return columns.Lines(
                f"{one.address}/{one.prefix_length}"
                for one in space.addresses
                if one.device == link.name
            )
        case _:
            raise KeyError(title)
