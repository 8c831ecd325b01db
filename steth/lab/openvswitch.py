# SPDX-License-Identifier: Apache-2.0
"""Open vSwitch in a host, or in the switch that joins the hosts.

Its datapath is the one in user space, since many kernels lack the module. It
keeps all it has in the namespaces that it runs in, and ends with them.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from steth.lab import commands
from steth.lab import deadline
from steth.lab import errors
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services

#: What it is run with.
TOOLS = ("ethtool", "ovs-vsctl", "ovs-vswitchd", "ovsdb-server")

DIRECTORY = "/run/openvswitch"
_SOCKET = f"{DIRECTORY}/db.sock"
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_START_TIMEOUT = 20.0

# A database that is there is whole: it gets its name last.
_CREATE = """\
mkdir -p {directory} {parent}
rm -f {directory}/*.sock
test -e {database} || {{
    rm -f {database}.new
    ovsdb-tool create {database}.new {schema}
    mv {database}.new {database}
}}
"""

#: One thread each, since the hosts share the machine's processors with it.
_SETTINGS = """\
ovs-vsctl --no-wait init -- set open_vswitch . \
other_config:n-handler-threads=1 other_config:n-revalidator-threads=1
"""


class OpenVSwitch:
    """The Open vSwitch of one host.

    :param init: the host's first process
    :param mark: what marks the lab's processes
    :param database: the file that holds its database
    :param remotes: where else its database listens, as ovsdb-server(1) has it
    """

    def __init__(
        self,
        init: processes.Process,
        mark: Mapping[str, str],
        *,
        database: str = f"{DIRECTORY}/conf.db",
        remotes: Iterable[str] = (),
    ) -> None:
        self._init = init
        self._mark = mark
        self._file = database
        self._remotes = [f"punix:{_SOCKET}", *remotes]
        self.database = services.Service("ovsdb-server", mark)
        self.daemon = services.Service("ovs-vswitchd", mark)

    def is_running(self) -> bool:
        """Return whether both daemons have a process."""
        alive = list(processes.all_processes())
        return all(
            one.members(self._init, alive)
            for one in (self.database, self.daemon)
        )

    def start(self) -> None:
        """Start it, unless it runs; what it was told before is kept.

        :raises errors.LabError: when its database does not answer
        """
        if self.is_running():
            return
        for one in (self.daemon, self.database):
            one.kill(self._init)
        self.run(
            _CREATE.format(
                directory=DIRECTORY,
                parent=self._file.rpartition("/")[0],
                database=self._file,
                schema=_SCHEMA,
            )
        )
        self.database.start(
            self._init,
            [
                "ovsdb-server",
                "--pidfile",
                self._file,
                *(f"--remote={one}" for one in self._remotes),
            ],
        )
        socket = namespace.path(self._init, _SOCKET)
        if not deadline.until(socket.exists, _START_TIMEOUT):
            raise errors.LabError(
                f"ovsdb-server did not start: "
                f"{self.database.last_words(self._init)}"
            )
        self.run(_SETTINGS)
        # ovs-appctl(8) finds the daemon by its file.
        self.daemon.start(
            self._init, ["ovs-vswitchd", "--pidfile", f"unix:{_SOCKET}"]
        )

    def configure(self, lines: Iterable[str]) -> None:
        """Run commands of ovs-vsctl(8) as one transaction, and wait for it."""
        self.run(f"ovs-vsctl -- {' -- '.join(lines)}")

    def run(self, script: str) -> None:
        """Run a shell script where it runs."""
        commands.run(
            namespace.inside(self._init, ["timeout", "20", "sh", "-e"]),
            script,
            self._mark,
        )
