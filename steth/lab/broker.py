# SPDX-License-Identifier: Apache-2.0
"""The lab's message broker: Debian's RabbitMQ in the controller host."""

from collections.abc import Iterable
from collections.abc import Mapping
import sys

from steth.lab import commands
from steth.lab import configuration
from steth.lab import layout
from steth.lab import namespace
from steth.lab import processes
from steth.lab import services
from steth.rpc import contract

#: What the broker is run with.
TOOLS = ("rabbitmq-server", "runuser")

# Not the one in /usr/sbin: that keeps its output in files of its own.
_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
#: Where the node keeps everything, and its name: what rabbitmqctl needs.
DIRECTORY = "/var/lib/steth-lab-broker"
NODE = f"steth@{layout.CONTROLLER}"
_CONFIG_FILE = f"{DIRECTORY}/rabbitmq.conf"
_START_TIMEOUT = 90.0
_STOP_TIMEOUT = 15.0

# Everything that the node keeps or reads is its own, so that a RabbitMQ
# installed on the machine for another purpose is neither read nor touched.
_VARIABLES = {
    "HOME": DIRECTORY,
    "RABBITMQ_CONFIG_FILE": _CONFIG_FILE,
    "RABBITMQ_CONF_ENV_FILE": f"{DIRECTORY}/rabbitmq-env.conf",
    "RABBITMQ_ENABLED_PLUGINS_FILE": f"{DIRECTORY}/enabled_plugins",
    "RABBITMQ_LOGS": "-",
    "RABBITMQ_MNESIA_BASE": f"{DIRECTORY}/mnesia",
    "RABBITMQ_NODENAME": NODE,
    "RABBITMQ_PID_FILE": f"{DIRECTORY}/pid",
    # One scheduler that sleeps when it has no work: the node shares the
    # machine's processors with all the hosts.
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
}


class Broker:
    """The broker of one lab, by the controller host's first process."""

    def __init__(
        self, init: processes.Process, mark: Mapping[str, str]
    ) -> None:
        self._init = init
        self._mark = mark
        self.service = services.Service("broker", mark)

    def start(self, password: str) -> None:
        """Start it, unless it runs; it needs seconds until it listens."""
        if self.is_running():
            return
        namespace.write(
            self._init, _CONFIG_FILE, configuration.rabbitmq(password)
        )
        namespace.write(self._init, f"{DIRECTORY}/enabled_plugins", "[].\n")
        own = ["chown", "-R", "rabbitmq:rabbitmq", DIRECTORY]
        commands.run(namespace.inside(self._init, own), marks=self._mark)
        self.service.start(
            self._init,
            ["runuser", "-u", "rabbitmq", "--", _SERVER],
            _VARIABLES,
        )

    def await_ready(self) -> None:
        """Wait until it listens.

        :raises errors.LabError: when it ended or does not
        """
        services.await_port(
            {layout.CONTROLLER: (self.service, self._init)},
            configuration.BROKER_PORT,
            _START_TIMEOUT,
        )

    def await_consumers(
        self, password: str, hosts: Iterable[str], timeout: float
    ) -> None:
        """Wait until the agents of these hosts take calls from the bus.

        :raises errors.LabError: naming those that do not
        """
        # oslo.messaging's name for the queue of a server.
        queues = [f"{contract.TOPIC}.{one}" for one in hosts]
        self.await_queues(password, queues, timeout)

    def await_queues(
        self, password: str, queues: Iterable[str], timeout: float
    ) -> None:
        """Wait until somebody takes what is sent to these queues.

        :raises errors.LabError: naming those where nobody does
        """
        argv = [
            *(sys.executable, "-m", "steth.lab.consumers"),
            *(str(timeout), *queues),
        ]
        url = configuration.transport_url(password)
        commands.run(namespace.inside(self._init, argv), url, self._mark)

    def stop(self) -> None:
        """Shut it down in order."""
        self.service.stop(self._init, _STOP_TIMEOUT)

    def kill(self) -> None:
        """Kill it, as a crash would."""
        self.service.kill(self._init)

    def is_running(self) -> bool:
        """Return whether it has a process."""
        return bool(
            self.service.members(self._init, processes.all_processes())
        )

    def is_listening(self) -> bool:
        """Return whether it takes connections."""
        return configuration.BROKER_PORT in services.listening(self._init)
