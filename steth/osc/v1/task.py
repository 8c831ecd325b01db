# SPDX-License-Identifier: Apache-2.0
"""``openstack steth task``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib.command import command

from steth.model import agent
from steth.model import report
from steth.model import task
from steth.osc import arguments
from steth.osc import columns
from steth.osc import lister
from steth.osc import one_host
from steth.osc import progress
from steth.osc import session
from steth.rpc import contract
from steth.rpc import requests


class ListTask(lister.Lister):
    """List what agents do for long, or beyond the command that started it.

    Captures, servers for measurements, temporary interfaces, and what sends
    for more than ten seconds. Each holds a lease: the agent undoes it when
    that ends, at the latest.

    The exit code is 4 where an agent could not be asked: it may hold more.
    """

    auth_required = False

    _complete = True

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return whether all could be asked, as an exit code."""
        failed: int = super().run(parsed_args)
        if failed or self._complete:
            return failed
        return int(report.ExitCode.INCONCLUSIVE)

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "host",
            metavar="<host>",
            nargs="?",
            type=arguments.name,
            help="Name of the host (default: all hosts)",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Ask the agents; return a row for each task."""
        conf = session.configuration(self.app)
        notes: list[str] = []
        with progress.Progress(self.app.stderr) as show:
            show("Looking for agents")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                hosts=[parsed_args.host] if parsed_args.host else (),
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                silent = [
                    one
                    for one in fleet.agents
                    if one.status is not agent.AgentStatus.UP
                ]
                answers = fleet.ask(
                    contract.TASK_LIST,
                    {
                        one.host: requests.TaskList()
                        for one in fleet.agents
                        if one not in silent
                    },
                    seconds=0.0,
                )
        for one in silent:
            notes.append(f"{one.host}: {one.reason or one.status}")
        for host, answer in sorted(answers.items()):
            if answer.error is not None:
                notes.append(f"{host}: {answer.error.message}")
        self._complete = not silent and all(
            answer.error is None for answer in answers.values()
        )
        for note in notes:
            self.log.warning("%s", note)
        return (
            "Host",
            "ID",
            "Operation",
            "Detail",
            "Started",
            "Lease Left",
        ), [
            _row(host, one)
            for host, answer in sorted(answers.items())
            if answer.data is not None
            for one in answer.data.tasks
        ]


def _row(host: str, one: task.TaskInfo) -> tuple[Any, ...]:
    return (
        host,
        one.id,
        one.kind,
        one.detail,
        one.started_at,
        columns.Uptime(one.remaining),
    )


class StopTask(command.Command):
    """Undo a task of an agent now."""

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        one_host.add_host(parser)
        parser.add_argument(
            "id",
            metavar="<id>",
            type=_task_id,
            help="Id of the task, as 'steth task list' shows it",
        )
        arguments.add_transport(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Ask the host's agent."""
        one_host.ask(
            self,
            parsed_args,
            contract.TASK_STOP,
            requests.TaskStop(id=parsed_args.id),
            seconds=2.0,
        )


def _task_id(text: str) -> str:
    if len(text) != 32 or not set(text) <= set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the id of a task: 32 hexadecimal digits"
        )
    return text
