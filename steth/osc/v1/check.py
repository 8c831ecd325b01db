# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check list``"""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from osc_lib.command import command

from steth.checks import registry
from steth.osc import columns


class ListCheck(command.Lister):
    """List the checks that can be run"""

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--long",
            action="store_true",
            help="List also the operations that the agents must have",
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Return a row for each installed check."""
        checks = [registry.load(name) for name in registry.names()]
        names = ["Name", "Summary"]
        rows: list[list[Any]] = [[one.name, one.summary] for one in checks]
        if parsed_args.long:
            names.append("Operations")
            for row, one in zip(rows, checks, strict=True):
                row.append(columns.Names(each.name for each in one.operations))
        return names, rows
