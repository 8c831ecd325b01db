# SPDX-License-Identifier: Apache-2.0
"""What the commands have in common that ask the agent of one host."""

import argparse
from collections.abc import Iterator
import contextlib
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.controller import fleet as fleet_module
from steth.controller import outcome
from steth.osc import arguments
from steth.osc import progress
from steth.osc import session
from steth.rpc import contract
from steth.rpc import requests


def add_host(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the host."""
    parser.add_argument(
        "host",
        metavar="<host>",
        type=arguments.name,
        help="Name of the host",
    )


class Asking:
    """Asks the agent of one host, as long as its context lasts.

    ``show`` says what is done meanwhile.
    """

    def __init__(
        self,
        host: str,
        fleet: fleet_module.Fleet,
        show: progress.Progress,
    ) -> None:
        self._host = host
        self._fleet = fleet
        self.show = show

    def __call__(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        seconds: float,
    ) -> Any:
        """Return what the agent replies.

        :param seconds: how long the operation itself takes
        :raises osc_exceptions.CommandError: when it does not do it
        """
        answer = self.attempt(operation, request, seconds=seconds)
        if answer.error is not None:
            raise osc_exceptions.CommandError(
                f"{self._host}: {answer.error.message}"
            )
        return answer.data

    def attempt(
        self,
        operation: contract.Operation,
        request: requests.Request,
        *,
        seconds: float,
    ) -> outcome.Outcome:
        """Return what came of it, also when the agent does not do it.

        :param seconds: how long the operation itself takes
        """
        return self._fleet.ask(
            operation, {self._host: request}, seconds=seconds
        )[self._host]


@contextlib.contextmanager
def asking(
    shown: command.Command, parsed_args: argparse.Namespace
) -> Iterator[Asking]:
    """Find the agent of the host.

    :param parsed_args: with ``host``, ``transport`` and ``timeout``
    """
    conf = session.configuration(shown.app)
    notes: list[str] = []
    host = parsed_args.host
    try:
        with progress.Progress(shown.app.stderr) as show:
            show(f"Looking for the agent on {host}")
            with session.fleet(
                shown.app,
                conf,
                notes=notes,
                hosts=[host],
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                yield Asking(host, fleet, show)
    finally:
        for note in notes:
            shown.log.warning("%s", note)


def ask(
    shown: command.Command,
    parsed_args: argparse.Namespace,
    operation: contract.Operation,
    request: requests.Request,
    *,
    seconds: float,
) -> Any:
    """Return what the agent of the host replies to one request.

    :param seconds: how long the operation itself takes
    :raises osc_exceptions.CommandError: when it does not do it
    """
    with asking(shown, parsed_args) as answer:
        return answer(operation, request, seconds=seconds)
