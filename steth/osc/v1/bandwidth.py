# SPDX-License-Identifier: Apache-2.0
"""``openstack steth bandwidth``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions as osc_exceptions

from steth.checks import base
from steth.checks.bandwidth import between
from steth.checks.bandwidth import requirement
from steth.conf import inventory as inventory_conf
from steth.model import report
from steth.model import throughput
from steth.osc import arguments
from steth.osc import columns
from steth.osc import lister
from steth.osc import progress
from steth.osc import session
from steth.osc import throughput_arguments

_TCP = ("Retransmits",)
_UDP = ("Lost Percent", "Jitter ms")


class MeasureBandwidth(lister.Lister):
    """Measure how much passes between two hosts, in both directions.

    iperf3 sends from the first host to the second one and then back. That
    puts load on the network: a test of TCP takes all that it can get, for
    as long as --duration says, unless --rate bounds it.

    The exit code is 0 when both directions were measured, 4 when one was
    not, 1 when the command itself failed, 2 for wrong usage.
    """

    auth_required = False

    _measured = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        for name, said in (("host", "One host"), ("other", "The other host")):
            parser.add_argument(
                name, metavar="<host>", type=arguments.name, help=said
            )
        parser.add_argument(
            "--network",
            metavar="<name>",
            type=arguments.name,
            action="append",
            default=[],
            help="Network to measure (repeat for several; default: the first "
            "that both hosts are on)",
        )
        throughput_arguments.add(parser)
        arguments.add_transport(parser)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether all was measured, as an exit code."""
        failed: int = super().run(parsed_args)
        if failed or self._measured:
            return failed
        return int(report.ExitCode.INCONCLUSIVE)

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Have the agents send; return a row for each direction."""
        hosts = (parsed_args.host, parsed_args.other)
        if hosts[0] == hosts[1]:
            raise osc_exceptions.CommandError(
                f"{hosts[0]} is given twice: name two hosts"
            )
        notes: list[str] = []
        try:
            found = self._found(parsed_args, hosts, notes)
        except base.UsageError as error:
            raise osc_exceptions.CommandError(str(error)) from None
        for note in notes:
            self.log.warning("%s", note)
        self._measured = all(one.report for one in found)
        names = ["Network", "From", "To", "Mbit/s"]
        names += (
            _UDP if parsed_args.protocol == throughput.Protocol.UDP else _TCP
        )
        # People see a column of errors only where there is one to see.
        if parsed_args.formatter != "table" or not self._measured:
            names.append("Error")
        return names, [[_cell(one, name) for name in names] for one in found]

    def _found(
        self,
        parsed_args: argparse.Namespace,
        hosts: tuple[str, str],
        notes: list[str],
    ) -> list[between.Direction]:
        options = base.Options(
            hosts=hosts,
            networks=tuple(parsed_args.network),
            throughput=throughput_arguments.of(parsed_args),
        )
        conf = session.configuration(self.app)
        with progress.Progress(self.app.stderr) as show:
            show(f"looking for the agents on {hosts[0]} and {hosts[1]}")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                hosts=hosts,
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                return between.both_ways(
                    base.Context(
                        fleet=fleet,
                        inventory=inventory_conf.read(conf),
                        options=options,
                        progress=show,
                    ),
                    *hosts,
                )


def _cell(one: between.Direction, name: str) -> Any:
    told = one.report
    match name:
        case "Network":
            return one.network
        case "From":
            return one.source
        case "To":
            return one.target
        case "Mbit/s":
            return None if told is None else round(requirement.mbits(told), 1)
        case "Retransmits":
            return None if told is None else told.retransmits
        case "Lost Percent":
            return None if told is None else _rounded(told.lost_percent)
        case "Jitter ms":
            return None if told is None else _rounded(told.jitter_ms)
        case "Error":
            return columns.Text(one.error)
        case _:
            raise KeyError(name)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
