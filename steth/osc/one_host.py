# SPDX-License-Identifier: Apache-2.0
"""What the commands have in common that ask the agent of one host."""

import argparse
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.osc import progress
from steth.osc import session
from steth.rpc import contract
from steth.rpc import requests


def add_host(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the host."""
    parser.add_argument("host", metavar="<host>", help="Name of the host")


def ask(
    shown: command.Command,
    parsed_args: argparse.Namespace,
    operation: contract.Operation,
    request: requests.Request,
    *,
    seconds: float,
    doing: str | None = None,
) -> Any:
    """Return what the agent of the host replies.

    :param parsed_args: with ``host``, ``transport`` and ``timeout``
    :param seconds: how long the operation itself takes
    :param doing: what to say meanwhile
    :raises osc_exceptions.CommandError: when it does not do it
    """
    conf = session.configuration(shown.app)
    notes: list[str] = []
    host = parsed_args.host
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
            if doing:
                show(doing)
            answer = fleet.ask(operation, {host: request}, seconds=seconds)[
                host
            ]
    for note in notes:
        shown.log.warning("%s", note)
    if answer.error is not None:
        raise osc_exceptions.CommandError(f"{host}: {answer.error.message}")
    return answer.data
