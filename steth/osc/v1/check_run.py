# SPDX-License-Identifier: Apache-2.0
"""``openstack steth check run``"""

import argparse

from steth.checks import suites
from steth.osc import check_command


class RunCheck(check_command.CheckCommand):
    """Run several checks and show one report.

    Without names and without a suite, all installed checks are run ('steth
    check list' shows them), those of other packages too. A fault that
    several checks find is told once, also where one of them only sees what
    follows from it. A check whose requirement is not met is skipped and says
    so; one that breaks is inconclusive, and the others go on. One that has
    nothing to check, because nothing of the kind is configured, is skipped
    and leaves the verdict to the others.

    A table for each check is shown, and a block for each fault with its
    cause and what to do. With -f json or yaml it is one object with all
    measurements, findings and agents; with -c, -f csv or value it is a row
    for each check.

    The exit code is 0 when no fault was found, 3 when one was, 4 when none
    was found but something could not be checked, 1 when the command itself
    failed, 2 for wrong usage.
    """

    check = "run"
    shown = ("suite", "skip", "network", "host")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the command's arguments."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "name",
            metavar="<name>",
            nargs="*",
            help="Check to run, after those of the suites",
        )
        parser.add_argument(
            "--suite",
            metavar="<suite>",
            action="append",
            default=[],
            choices=sorted(suites.SUITES),
            help="Run the checks of this suite: "
            + "; ".join(
                f"{suite} ({', '.join(names)})"
                for suite, names in sorted(suites.SUITES.items())
            )
            + " (repeat for several)",
        )
        parser.add_argument(
            "--skip",
            metavar="<name>",
            action="append",
            default=[],
            help="Leave this check out (repeat for several)",
        )
        return parser

    def names(self, parsed_args: argparse.Namespace) -> list[str]:
        """Return the names of the checks to run.

        :raises base.UsageError: when one does not exist, or none is left
        """
        return suites.chosen(
            parsed_args.name, parsed_args.suite, parsed_args.skip
        )

    def command_line(self, parsed_args: argparse.Namespace) -> str:
        """Return the command for the report."""
        return " ".join([super().command_line(parsed_args), *parsed_args.name])
