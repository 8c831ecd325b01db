# SPDX-License-Identifier: Apache-2.0
"""Programs of Neutron that start side by side, see ``nursery``."""

from collections.abc import Iterable
from collections.abc import Mapping
import contextlib
import json
import os
import pathlib
import subprocess
import typing

from steth.lab import commands
from steth.lab import errors
from steth.lab import namespace
from steth.lab.cloud import machine
from steth.lab.cloud import programs

_SCRIPT = pathlib.Path(__file__).with_name("nursery.py")
_STOP_TIMEOUT = 30.0


class Nursery(contextlib.AbstractContextManager["Nursery"]):
    """Imports programs in the background, and starts them when told.

    :param environment: the Python environment that they are in
    :param mark: what marks the lab's processes
    :param wanted: the programs
    """

    def __init__(
        self,
        environment: pathlib.Path,
        mark: Mapping[str, str],
        wanted: Iterable[programs.Program],
    ) -> None:
        self._environment = environment
        self._process = subprocess.Popen(
            [
                *(str(environment / "bin" / "python"), "-W", "ignore"),
                *(str(_SCRIPT), *{one.name for one in wanted}),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": commands.PATH, "LC_ALL": "C.UTF-8", **mark},
            cwd=os.sep,
            # A Ctrl-C at the lab command is not meant for what comes of it.
            start_new_session=True,
        )

    def start(self, host: machine.Machine, program: programs.Program) -> None:
        """Start a program in a host.

        :raises errors.LabError: when that failed
        """
        service = host.service(program)
        name, *arguments = program.command(self._environment)
        job = {
            "program": program.name,
            "arguments": arguments,
            "contexts": program.contexts,
            "environment": namespace.environment()
            | dict(programs.variables(self._environment)),
            "log": service.log,
            "pid": host.init.pid,
            "pid_file": service.pid_file,
        }
        requests = typing.cast(typing.TextIO, self._process.stdin)
        replies = typing.cast(typing.TextIO, self._process.stdout)
        try:
            requests.write(json.dumps(job) + "\n")
            requests.flush()
            said = replies.readline()
        except BrokenPipeError:
            said = ""
        if said.strip() != program.name:
            raise errors.LabError(
                f"{name} could not be started on {host.name}: what it comes "
                f"from ended with {self._process.wait(_STOP_TIMEOUT)}"
            )

    def __exit__(self, *exception: object) -> None:
        """End what did the imports; what it started goes on."""
        self._process.kill()
        self._process.communicate(timeout=_STOP_TIMEOUT)
