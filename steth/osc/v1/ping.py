# SPDX-License-Identifier: Apache-2.0
"""``openstack steth ping``"""

import argparse
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.checks import base
from steth.checks.mesh import destination
from steth.checks.mesh import grouping
from steth.conf import inventory as inventory_conf
from steth.model import host as host_model
from steth.model import inventory
from steth.model import probe
from steth.model import report
from steth.osc import arguments
from steth.osc import progress
from steth.osc import session
from steth.report.tables import base as table_base
from steth.rpc import contract
from steth.rpc import requests

_TITLES = (
    "Destination",
    "Address",
    "Sent",
    "Received",
    "Loss Percent",
    "RTT Min ms",
    "RTT Avg ms",
    "RTT Max ms",
    "Failure",
    "MTU",
    "Reported By",
    "Detail",
)

_SHOWN_TITLES = (
    "Destination",
    "Address",
    "Received",
    "Loss",
    "RTT ms min/avg/max",
    "Failure",
)


class PingHost(command.Lister):
    """Ping destinations from a host.

    The agent of the host sends echo requests to all destinations at once. A
    destination is an IP address, or the name of another agent's host: its
    address is taken from the network that both hosts are on. With --netns the
    packets leave from a network namespace of the host, such as that of a
    router or of a DHCP server; destinations are IP addresses then.

    The exit code is 0 when any packet was answered, 3 when none was, 1 when
    the command itself failed, 2 for wrong usage.
    """

    auth_required = False

    _answered = False

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
            "destination",
            metavar="<destination>",
            nargs="+",
            type=arguments.name,
            help="IP address, or name of another agent's host",
        )
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--netns",
            metavar="<namespace>",
            type=arguments.namespace,
            help="Network namespace of the host to send the packets in "
            "(default: the host's own)",
        )
        chosen.add_argument(
            "--network",
            metavar="<name>",
            type=arguments.name,
            help="Network on which destinations that are hosts are pinged "
            "(default: the first that both hosts are on)",
        )
        parser.add_argument(
            "--interface",
            metavar="<interface>",
            type=arguments.device,
            help="Interface to send by, instead of the one of the route",
        )
        parser.add_argument(
            "--size",
            metavar="<bytes>",
            type=arguments.whole_number(64, 65535),
            default=64,
            help="Length of the IP packets, in bytes (64 to 65535, default: "
            "64)",
        )
        parser.add_argument(
            "--dont-fragment",
            action="store_true",
            help="Have packets that are too long dropped on the way, not "
            "fragmented",
        )
        arguments.add_count(parser, "Packets to send to each destination")
        parser.add_argument(
            "--interval",
            metavar="<seconds>",
            type=arguments.seconds(0.01, 10),
            default=0.2,
            help="Seconds between two packets to one destination (0.01 to "
            "10, default: 0.2)",
        )
        arguments.add_transport(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether anything was answered, as an exit code."""
        failed: int = super().run(parsed_args)
        if failed or self._answered:
            return failed
        return int(report.ExitCode.FAULT_FOUND)

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Ask the host's agent; return a row for each destination."""
        conf = session.configuration(self.app)
        notes: list[str] = []
        names = [
            one
            for one in dict.fromkeys(parsed_args.destination)
            if not destination.is_address(one)
        ]
        if names and parsed_args.netns is not None:
            raise osc_exceptions.CommandError(
                f"{names[0]} is not an IP address, as --netns needs it: in "
                f"{parsed_args.netns} the networks of the hosts are not known"
            )
        with progress.Progress(self.app.stderr) as show:
            show(f"Looking for the agent on {parsed_args.host}")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                hosts=[parsed_args.host, *names],
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                try:
                    found = _destinations(
                        fleet, inventory_conf.read(conf), parsed_args, names
                    )
                    request = _request(parsed_args, found)
                except (base.UsageError, ValueError) as error:
                    raise osc_exceptions.CommandError(str(error)) from None
                show(f"{request.packets} packets from {parsed_args.host}")
                answered: probe.IcmpReport = _answer(
                    fleet, parsed_args.host, contract.PROBE_ICMP, request
                )
        for note in notes:
            self.log.warning("%s", note)
        self._answered = any(one.received for one in answered.results)
        # Where columns are chosen, they are those of the machines.
        people = parsed_args.formatter == "table" and not (
            parsed_args.columns or parsed_args.sort_columns
        )
        return _SHOWN_TITLES if people else _TITLES, [
            _shown(one, result) if people else _row(one, result)
            for one, result in zip(found, answered.results, strict=True)
        ]


def _answer(
    fleet: base.Fleet,
    host: str,
    operation: contract.Operation,
    request: requests.Request,
) -> Any:
    """Ask one agent.

    :raises osc_exceptions.CommandError: when it does not do it
    """
    seconds = 1.0
    if isinstance(request, requests.ProbeIcmp):
        seconds = request.count * request.interval + request.timeout
    outcome = fleet.ask(operation, {host: request}, seconds=seconds)[host]
    if outcome.error is not None:
        raise osc_exceptions.CommandError(f"{host}: {outcome.error.message}")
    return outcome.data


def _destinations(
    fleet: base.Fleet,
    expected: inventory.Inventory,
    parsed_args: argparse.Namespace,
    names: Sequence[str],
) -> list[destination.Destination]:
    """Return where to send packets, in the order that was asked for."""
    hosts = _hosts(fleet, expected, parsed_args, names)
    return [
        hosts.get(one) or destination.Destination(name=one, address=one)
        for one in parsed_args.destination
    ]


def _hosts(
    fleet: base.Fleet,
    expected: inventory.Inventory,
    parsed_args: argparse.Namespace,
    names: Sequence[str],
) -> Mapping[str, destination.Destination]:
    """Return where the destinations that are hosts are."""
    if not names:
        return {}
    reading = requests.InspectHost(all_namespaces=False)
    outcomes = fleet.ask(
        contract.INSPECT_HOST,
        dict.fromkeys((parsed_args.host, *names), reading),
        seconds=1.0,
    )
    error = outcomes[parsed_args.host].error
    if error is not None:
        raise base.UsageError(f"{parsed_args.host}: {error.message}")
    snapshots: dict[str, host_model.HostSnapshot] = {
        host: one.data for host, one in outcomes.items() if not one.error
    }
    silent = {
        one.host: one.address
        for one in fleet.agents
        if one.host in names and one.host not in snapshots
    }
    built = grouping.build(snapshots, expected, silent)
    found = {}
    for name in names:
        address = silent.get(name)
        if (
            address
            and not parsed_args.network
            and destination.is_address(address)
        ):
            # Where its agent should be is as good a place as any.
            found[name] = destination.Destination(name=name, address=address)
        else:
            found[name] = destination.find(
                parsed_args.host, name, built, parsed_args.network
            )
    return found


def _request(
    parsed_args: argparse.Namespace,
    found: Sequence[destination.Destination],
) -> requests.ProbeIcmp:
    return requests.ProbeIcmp(
        targets=tuple(
            requests.IcmpTarget(
                address=one.address,
                source=one.source,
                device=parsed_args.interface,
                size=parsed_args.size,
                dont_fragment=parsed_args.dont_fragment,
            )
            for one in found
        ),
        count=parsed_args.count,
        interval=parsed_args.interval,
        netns=parsed_args.netns,
    )


def _row(
    one: destination.Destination, result: probe.IcmpResult
) -> tuple[Any, ...]:
    """Return a row of plain values, for machines."""
    return (
        one.name,
        result.address,
        result.sent,
        result.received,
        _loss(result),
        result.rtt_min,
        result.rtt_avg,
        result.rtt_max,
        result.failure and str(result.failure),
        result.mtu,
        result.reported_by,
        result.detail,
    )


def _shown(
    one: destination.Destination, result: probe.IcmpResult
) -> tuple[str, ...]:
    """Return a row for people."""
    times = (result.rtt_min, result.rtt_avg, result.rtt_max)
    said = [str(result.failure)] if result.failure else []
    if result.mtu is not None:
        by = f", says {result.reported_by}" if result.reported_by else ""
        said.append(f"MTU {result.mtu}{by}")
    if result.detail:
        said.append(result.detail)
    return (
        one.name,
        result.address,
        f"{result.received}/{result.sent}",
        table_base.percent(_loss(result)),
        " / ".join(map(table_base.milliseconds, times)),
        ": ".join(said) or "-",
    )


def _loss(result: probe.IcmpResult) -> float | None:
    if not result.sent:
        return None
    return round(100 * (1 - result.received / result.sent), 2)
