# SPDX-License-Identifier: Apache-2.0
"""What all ``openstack steth check`` commands have in common."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import shutil
from typing import Any
from typing import ClassVar

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from steth.checks import base
from steth.checks import registry
from steth.checks import runner
from steth.conf import inventory as inventory_conf
from steth.model import report as report_model
from steth.osc import arguments
from steth.osc import progress
from steth.osc import session
from steth.report import plain
from steth.report import text

#: Where it is not a terminal that is written to, lines are wrapped as for
#: one of this width.
_DEFAULT_WIDTH = 100
_NARROWEST = 60


class CheckCommand(command.Lister):
    """Runs checks and shows their report.

    The report is shown as a whole by the formatters that can (table, JSON,
    YAML). The others, and ``-c``, get the rows of its table.
    """

    auth_required = False

    #: What is run, in the words of the command line.
    check: ClassVar[str]
    #: The arguments that the report's command line shows.
    shown: ClassVar[tuple[str, ...]] = ("network", "host")

    _report: report_model.Report

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the arguments that all checks take."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        if "network" in self.shown:
            parser.add_argument(
                "--network",
                metavar="<name>",
                type=arguments.name,
                action="append",
                default=[],
                help="Check only this network (repeat for several)",
            )
        parser.add_argument(
            "--host",
            metavar="<host>",
            type=arguments.name,
            action="append",
            default=[],
            help="Check only between these hosts (repeat for several)",
        )
        arguments.add_transport(parser)
        return parser

    def names(self, parsed_args: argparse.Namespace) -> list[str]:
        """Return the names of the checks to run, as the registry has them.

        :raises base.UsageError: when there is no such check
        """
        return [self.check]

    def options(self, parsed_args: argparse.Namespace) -> base.Options:
        """Return what the user chose."""
        return base.Options(
            hosts=tuple(parsed_args.host),
            networks=tuple(getattr(parsed_args, "network", ())),
        )

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return the exit code that the report's verdict stands for."""
        failed: int = super().run(parsed_args)
        if failed:
            return failed
        return int(report_model.ExitCode.of(self._report.verdict))

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """Run the checks; return the rows of their table."""
        try:
            self._report = self._checked(parsed_args)
        except base.UsageError as error:
            raise osc_exceptions.CommandError(str(error)) from None
        return plain.rows(self.check, self._report)

    def _checked(self, parsed_args: argparse.Namespace) -> report_model.Report:
        checks = [registry.load(name) for name in self.names(parsed_args)]
        conf = session.configuration(self.app)
        notes: list[str] = []
        with progress.Progress(self.app.stderr) as show:
            show("looking for agents")
            with session.fleet(
                self.app,
                conf,
                notes=notes,
                hosts=parsed_args.host,
                transport=parsed_args.transport,
                timeout=parsed_args.timeout,
            ) as fleet:
                return runner.run(
                    self.command_line(parsed_args),
                    checks,
                    base.Context(
                        fleet=fleet,
                        inventory=inventory_conf.read(conf),
                        options=self.options(parsed_args),
                        overlay=session.overlay(
                            self.app,
                            conf,
                            notes=notes,
                            timeout=parsed_args.timeout,
                        ),
                        vlans=session.vlans(
                            self.app,
                            conf,
                            notes=notes,
                            timeout=parsed_args.timeout,
                        ),
                        provider=session.provider(
                            self.app,
                            conf,
                            notes=notes,
                            timeout=parsed_args.timeout,
                        ),
                        progress=show,
                        announce=show.announce,
                    ),
                    notes,
                )

    def command_line(self, parsed_args: argparse.Namespace) -> str:
        """Return the command for the report.

        It is not taken as typed: arguments of OpenStackClient may be secret.
        """
        words = ["openstack steth check", self.check]
        for argument in (*self.shown, "transport", "timeout"):
            value = getattr(parsed_args, argument)
            option = f"--{argument.replace('_', '-')}"
            if isinstance(value, list):
                words += [f"{option} {one}" for one in value]
            elif value is True:
                words.append(option)
            elif value is not None and value is not False:
                words.append(f"{option} {value}")
        return " ".join(words)

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> int:
        """Show the whole report, or rows where those were asked for."""
        whole = None
        if not parsed_args.columns and not parsed_args.sort_columns:
            whole = self._whole(parsed_args)
        if whole is None:
            for note in self._report.notes:
                self.log.warning("%s", note)
            return int(super().produce_output(parsed_args, column_names, data))
        self.app.stdout.write(whole)
        return 0

    def _whole(self, parsed_args: argparse.Namespace) -> str | None:
        match parsed_args.formatter:
            case "table":
                return text.render(self._report, _width(parsed_args))
            case "json":
                indent = None if parsed_args.noindent else 2
                return plain.to_json(self._report, indent=indent) + "\n"
            case "yaml":
                return plain.to_yaml(self._report)
            case _:
                return None


def _width(parsed_args: argparse.Namespace) -> int:
    """Return how wide a line may be, as the table formatter has it."""
    if parsed_args.max_width > 0:
        return max(int(parsed_args.max_width), _NARROWEST)
    columns = shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns
    return max(columns, _NARROWEST)
