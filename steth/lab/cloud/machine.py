# SPDX-License-Identifier: Apache-2.0
"""One host of a cloud, as what runs programs."""

from collections.abc import Iterable
from collections.abc import Mapping
import pathlib

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.lab.cloud import programs

_START_TIMEOUT = 60.0


class Machine:
    """A running host.

    :param name: the host's
    :param init: its first process
    :param mark: what marks the lab's processes
    :param environment: the Python environment that Neutron is in
    """

    def __init__(
        self,
        name: str,
        init: processes.Process,
        mark: Mapping[str, str],
        environment: pathlib.Path,
    ) -> None:
        self.name = name
        self.init = init
        self.mark = mark
        self.environment = environment

    def service(self, program: programs.Program) -> services.Service:
        """Return what a program is while it runs."""
        return services.Service(program.name, self.mark)

    def missing(
        self,
        wanted: Iterable[programs.Program],
        alive: Iterable[processes.Process],
    ) -> list[programs.Program]:
        """Return which of the programs have no process.

        :param alive: the machine's processes
        """
        here = [one for one in alive if one.namespace == self.init.namespace]
        return [
            one
            for one in wanted
            if not self.service(one).members(self.init, here)
        ]

    def start(self, *wanted: programs.Program) -> None:
        """Start programs, unless they run."""
        for one in self.missing(wanted, processes.all_processes()):
            self.service(one).start(
                self.init,
                one.command(self.environment),
                programs.variables(self.environment),
            )

    def await_ready(self, program: programs.Program) -> None:
        """Wait until a program that was started can be used, if it tells.

        :raises errors.LabError: when it ended, or does not in time
        """
        if program.ready is None:
            return
        file = namespace.path(self.init, program.ready)

        def settled() -> bool:
            return file.exists() or bool(
                self.missing([program], processes.all_processes())
            )

        deadline.until(settled, _START_TIMEOUT)
        if not file.exists():
            raise self.failure(program)

    def failure(self, program: programs.Program) -> errors.LabError:
        """Return what to raise when a program does not work."""
        said = self.service(program).last_words(self.init)
        return errors.LabError(
            f"{program.name} on {self.name} does not work:\n{said}"
        )

    def write(self, files: Mapping[str, str], mode: int = 0o644) -> None:
        """Write files, by their names."""
        for name, content in files.items():
            namespace.write(self.init, name, content, mode)

    def run(self, argv: Iterable[str], script: str | None = None) -> str:
        """Run a program of the Python environment, or of the system.

        :param script: what it reads from its standard input
        :returns: what it printed
        :raises errors.LabError: when it fails, with what it said
        """
        command = namespace.inside(
            self.init, argv, programs.variables(self.environment)
        )
        return commands.run(command, script, self.mark)
