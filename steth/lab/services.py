# SPDX-License-Identifier: Apache-2.0
"""Daemons inside a host: started, found again, signalled, stopped.

Each is the leader of a session of its own, whose id is kept in a file in
the host: that and the host's PID namespace name all of its processes, also
those that outlive the first.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import signal
import time

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes

#: What a service is started with.
TOOLS = ("setsid",)

# Debian's setsid forks only where it leads a process group, which a shell
# without job control does not make of it, so $! is the daemon itself.
_START = """
pid_file=$1 log=$2
shift 2
setsid "$@" </dev/null >>"$log" 2>&1 &
echo $! >"$pid_file"
"""
_LOG_LINES = 15
_KILL_TIMEOUT = 10.0
_LISTENING = "0A"


class Service:
    """A daemon, by its name, in any host."""

    def __init__(self, name: str, mark: Mapping[str, str]) -> None:
        self.name = name
        self.log = f"/var/log/steth/{name}.log"
        self._mark = mark
        self.pid_file = f"/run/steth/{name}.pid"

    def start(
        self,
        init: processes.Process,
        argv: Iterable[str],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start it in a host.

        :param variables: variables to add to its environment
        """
        command = ["sh", "-c", _START, "sh", self.pid_file, self.log, *argv]
        commands.run(
            namespace.inside(init, command, variables), marks=self._mark
        )

    def members(
        self, init: processes.Process, among: Iterable[processes.Process]
    ) -> list[processes.Process]:
        """Return those of the processes given that belong to it."""
        try:
            text = namespace.path(init, self.pid_file).read_text()
        except OSError:
            return []
        return [
            one
            for one in among
            if one.namespace == init.namespace
            and one.inner_session == int(text or 0)
        ]

    def stop(self, init: processes.Process, timeout: float) -> bool:
        """Ask its first process to end and wait; kill what is left then.

        :param timeout: seconds that it is given
        :returns: whether it ended by itself
        """
        found = self.members(init, processes.all_processes())
        if not found:
            return True
        end = time.monotonic() + timeout
        first = min(found, key=lambda one: one.inner_pid)
        processes.send(first, signal.SIGTERM)
        processes.send(first, signal.SIGCONT)
        clean = all(
            processes.wait(one, end - time.monotonic()) for one in found
        )
        self.kill(init)
        return clean

    def kill(self, init: processes.Process) -> None:
        """Kill all of its processes and wait until they are gone."""
        found = self.members(init, processes.all_processes())
        processes.kill(found, _KILL_TIMEOUT)

    def signal(self, init: processes.Process, number: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        for one in self.members(init, processes.all_processes()):
            processes.send(one, number)

    def clear_log(self, init: processes.Process) -> None:
        """Remove its log; it does not run."""
        namespace.path(init, self.log).unlink(missing_ok=True)

    def last_words(self, init: processes.Process) -> str:
        """Return the end of its log."""
        try:
            text = namespace.path(init, self.log).read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-_LOG_LINES:])


def listening(init: processes.Process) -> set[int]:
    """Return the TCP ports that a host listens on."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in processes.network_file(init, name).splitlines()[1:]
    ]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == _LISTENING
    }


def await_port(
    services: Mapping[str, tuple[Service, processes.Process]],
    port: int,
    timeout: float,
) -> None:
    """Wait until a service listens on a TCP port, on each of the hosts.

    :param services: the service and the host's first process, by host
    :raises errors.LabError: when one ended or is not there in time, with
        what it last said
    """
    waiting = dict(services)

    def settled() -> bool:
        for host, (_, init) in list(waiting.items()):
            if port in listening(init):
                del waiting[host]
        if waiting:
            alive = list(processes.all_processes())
            for host, (service, init) in waiting.items():
                if not service.members(init, alive):
                    raise errors.LabError(
                        f"{service.name} on {host} ended:\n"
                        f"{service.last_words(init)}"
                    )
        return not waiting

    if not deadline.until(settled, timeout):
        host, (service, init) = next(iter(waiting.items()))
        raise errors.LabError(
            f"{service.name} does not listen on port {port} after "
            f"{timeout:.0f} s on {', '.join(sorted(waiting))}; "
            f"{host} said:\n{service.last_words(init)}"
        )
