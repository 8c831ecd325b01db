# SPDX-License-Identifier: Apache-2.0
"""The agents of a lab: one in each host, as on a real node."""

from collections.abc import Iterable
from collections.abc import Mapping
import enum
import pathlib
import signal
import sys

from steth.lab import configuration
from steth.lab import errors
from steth.lab import processes
from steth.lab import services
from steth.rpc import contract

#: How an agent is started: by the Python environment that runs the lab.
ARGV = (
    str(pathlib.Path(sys.executable).with_name("steth-agent")),
    "--config-file",
    configuration.STETH_CONF,
)

_STOP_TIMEOUT = 15.0
#: Seconds until an agent listens, and how many more each further one takes
#: on a slow machine, since all are started at once.
_START_TIMEOUT = 30.0
_START_TIMEOUT_EACH = 3.0


class Condition(enum.StrEnum):
    """How an agent is."""

    LISTENING = "listening"
    STARTING = "starting"
    FROZEN = "frozen"
    STOPPED = "stopped"


class Agents:
    """The agents of one lab."""

    def __init__(self, mark: Mapping[str, str]) -> None:
        self._service = services.Service("agent", mark)

    def conditions(
        self, inits: Mapping[str, processes.Process]
    ) -> dict[str, Condition]:
        """Return how the agent of each host is.

        :param inits: the first process of each host, by name
        """
        alive = list(processes.all_processes())
        return {
            host: self._condition(init, alive) for host, init in inits.items()
        }

    def are_listening(self, inits: Mapping[str, processes.Process]) -> bool:
        """Return whether the agent of each of these hosts listens."""
        conditions = self.conditions(inits)
        return all(one is Condition.LISTENING for one in conditions.values())

    def _condition(
        self, init: processes.Process, alive: Iterable[processes.Process]
    ) -> Condition:
        found = self._service.members(init, alive)
        if not found:
            return Condition.STOPPED
        if all(one.state == "T" for one in found):
            return Condition.FROZEN
        if contract.DIRECT_PORT in services.listening(init):
            return Condition.LISTENING
        return Condition.STARTING

    def start(self, inits: Mapping[str, processes.Process]) -> None:
        """Start an agent in each of these hosts, unless one runs.

        :raises errors.LabError: when there is no agent to start
        """
        if not pathlib.Path(ARGV[0]).exists():
            raise errors.LabError(
                f"{ARGV[0]} is missing: install Steth with its agent into "
                f"this Python environment (pip install 'steth[agent,osc]')"
            )
        now = self.conditions(inits)
        for host, init in inits.items():
            if now[host] is Condition.FROZEN:
                self._service.signal(init, signal.SIGCONT)
            elif now[host] is Condition.STOPPED:
                self._service.start(init, ARGV)

    def await_ready(self, inits: Mapping[str, processes.Process]) -> None:
        """Wait until these hosts' agents listen.

        :raises errors.LabError: when one ended, or does not listen in time
        """
        services.await_port(
            {host: (self._service, init) for host, init in inits.items()},
            contract.DIRECT_PORT,
            _START_TIMEOUT + _START_TIMEOUT_EACH * len(inits),
        )

    def stop(self, init: processes.Process) -> bool:
        """End a host's agent; return whether it went by itself."""
        return self._service.stop(init, _STOP_TIMEOUT)

    def kill(self, init: processes.Process) -> None:
        """Kill a host's agent, as a crash would."""
        self._service.kill(init)

    def freeze(self, init: processes.Process) -> None:
        """Stop a host's agent in the middle of what it does."""
        self._service.signal(init, signal.SIGSTOP)

    def thaw(self, init: processes.Process) -> None:
        """Let a frozen agent go on."""
        self._service.signal(init, signal.SIGCONT)
