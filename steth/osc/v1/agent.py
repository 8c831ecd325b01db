# SPDX-License-Identifier: Apache-2.0
"""``openstack steth agent``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import time
from typing import Any

from osc_lib.command import command

from steth.model import agent
from steth.osc import arguments
from steth.osc import columns
from steth.osc import lister
from steth.osc import progress
from steth.osc import session
from steth.rpc import contract
from steth.rpc import requests


class ListAgent(lister.Lister):
    """List the agents, also those that are silent and should be there.

    An agent is found on the message bus, or expected: by the configuration
    ([inventory] hosts) or, where credentials of a cloud are given, because
    Neutron or Nova has a service on its host. The exit code is 0 whatever
    state the agents are in; 'steth check' commands judge it.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--long",
            action="store_true",
            help="List also the address, who expects the agent, and what "
            "it can do",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Find the agents."""
        conf = session.configuration(self.app)
        notes: list[str] = []
        with progress.Progress(self.app.stderr) as show:
            show("Looking for agents")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                rows = fleet.agents
        for note in notes:
            self.log.warning("%s", note)
        # People see a column of reasons only where there is one to see.
        with_reason = (
            parsed_args.formatter != "table"
            or bool(parsed_args.columns)
            or any(row.reason for row in rows)
        )
        names = ["Host", "Status", "Transport", "Version", "Uptime"]
        if parsed_args.long:
            names += ["Address", "Expected By", "Operations"]
        if with_reason:
            names.append("Reason")
        return names, [[_cell(row, name) for name in names] for row in rows]


def _cell(row: agent.AgentRow, name: str) -> Any:
    match name:
        case "Host":
            return row.host
        case "Status":
            return str(row.status)
        case "Transport":
            return columns.Text(row.transport and str(row.transport))
        case "Version":
            return columns.Text(row.version)
        case "Uptime":
            return columns.Uptime(row.uptime)
        case "Address":
            return columns.Text(row.address)
        case "Expected By":
            return columns.Names(row.expected_by)
        case "Operations":
            return columns.Lines(row.operations)
        case "Reason":
            return columns.Text(row.reason)
        case _:
            raise KeyError(name)


class ShowAgent(command.ShowOne):
    """Show one agent.

    A host that neither is expected nor has announced itself on the message
    bus is asked at its name, if that resolves.
    """

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "host",
            metavar="<host>",
            type=arguments.name,
            help="Name of the agent's host",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Find the agent, and ask it once more to compare the clocks."""
        conf = session.configuration(self.app)
        notes: list[str] = []
        with progress.Progress(self.app.stderr) as show:
            show(f"Looking for the agent on {parsed_args.host}")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                hosts=[parsed_args.host],
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                outcome = fleet.ask(
                    contract.INSPECT_AGENT,
                    {parsed_args.host: requests.InspectAgent()},
                    seconds=0.0,
                )[parsed_args.host]
                answered_at = time.time()
                (row,) = fleet.agents
        for note in notes:
            self.log.warning("%s", note)
        offset = None
        if outcome.data is not None:
            # The agent read its clock about half-way.
            offset = outcome.data.time - answered_at + outcome.elapsed / 2
        shown = {
            "host": row.host,
            "status": str(row.status),
            "transport": columns.Text(row.transport and str(row.transport)),
            "address": columns.Text(row.address),
            "expected_by": columns.Names(row.expected_by),
            "version": columns.Text(row.version),
            "contract": columns.Text(
                outcome.data.contract if outcome.data else None
            ),
            "uptime": columns.Uptime(row.uptime),
            "clock_offset": columns.ClockOffset(
                None if offset is None else round(offset, 6)
            ),
            "operations": columns.Lines(row.operations),
            "reason": columns.Text(row.reason),
        }
        return tuple(shown), tuple(shown.values())
