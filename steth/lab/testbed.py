# SPDX-License-Identifier: Apache-2.0
"""What all that is built of hosts has in common: labs and clouds."""

import abc
from collections.abc import Callable
from collections.abc import Sequence
import os
import pathlib
import subprocess
import sys

from steth.lab import errors
from steth.lab import layout

_EXEC_TIMEOUT = 300.0


class Testbed(abc.ABC):
    """Hosts, by the directory that holds their state.

    :param notify: is told what is being done
    :raises errors.LabError: to anyone but root
    """

    def __init__(
        self, directory: pathlib.Path | str, notify: Callable[[str], None]
    ) -> None:
        if os.geteuid():
            raise errors.LabError(
                "the lab needs root, to make network namespaces: use sudo"
            )
        self.directory = pathlib.Path(directory).resolve()
        self._notify = notify

    @abc.abstractmethod
    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """Return a command line that runs ``argv`` inside a host.

        :raises errors.LabError: when it is unknown, or not running
        """

    def exec(
        self,
        host: str,
        argv: Sequence[str],
        *,
        timeout: float = _EXEC_TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside a host and return what came of it.

        :param timeout: seconds that it may take
        :raises subprocess.TimeoutExpired: when it takes longer
        """
        return subprocess.run(
            self.command(host, argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def openstack(
        self, *arguments: str, timeout: float = _EXEC_TIMEOUT
    ) -> subprocess.CompletedProcess[str]:
        """Run ``openstack`` of this Python environment in the controller."""
        program = str(pathlib.Path(sys.executable).with_name("openstack"))
        return self.exec(
            layout.CONTROLLER, [program, *arguments], timeout=timeout
        )
