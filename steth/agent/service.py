# SPDX-License-Identifier: Apache-2.0
"""The agent as a service: what runs, in which order it starts and stops."""

from collections.abc import Callable
import signal
import threading

from oslo_config import cfg
from oslo_log import log
from oslo_service import service

from steth.agent import bus
from steth.agent import handlers
from steth.agent import operations
from steth.agent import tasks
from steth.agent.direct import listener
from steth.agent.inspect import lldp
from steth.agent.probe import vlan_interface

LOG = log.getLogger(__name__)

#: Seconds for each part to end; then the process ends all the same.
_STOP_TIMEOUT = 2.0


class AgentService(service.ServiceBase):
    """Serves operations on the bus and on the direct listener.

    :param try_configuration: reads the configuration anew, apart from the
        one in force, and raises ``ValueError`` if it can't be used
    """

    def __init__(
        self, conf: cfg.ConfigOpts, try_configuration: Callable[[], None]
    ) -> None:
        self._conf = conf
        self._try_configuration = try_configuration
        self._cancelled = threading.Event()
        self._tasks = tasks.Registry()
        self._neighbours = lldp.Neighbours()
        performer = operations.Operations(
            handlers.handlers(conf, self._tasks, self._neighbours),
            conf.agent.max_operations,
            self._cancelled,
            self._tasks,
        )
        self._bus = bus.BusMember(conf, performer)
        self._listener = listener.Listener(conf, performer)

    def start(self) -> None:
        """Start to serve.

        :raises ValueError: if it can't be as configured
        """
        vlan_interface.remove_leftovers()
        self._bus.prepare()
        self._listener.start()
        self._bus.start()
        self._neighbours.watch(self._cancelled)
        # oslo.service's own would end the process.
        signal.signal(signal.SIGHUP, lambda *_: self.reset())

    def wait(self) -> None:
        """Block; a signal ends the process."""
        threading.Event().wait()

    def reset(self) -> None:
        """Take over what may change while running."""
        LOG.info("Reading the configuration anew")
        problem = None
        try:
            # What is bad would be in force before it is found to be bad.
            self._try_configuration()
            self._conf.mutate_config_files()
        except (cfg.Error, OSError, ValueError) as error:
            problem = str(error)
        if problem is not None:
            # Not above: oslo.log adds the error that is being handled.
            LOG.error("Kept the old configuration: %s", problem)
        self._listener.reload()

    def stop(self) -> None:
        """Stop: what runs is cut short, tasks are undone, all is closed."""
        self._cancelled.set()
        parts = [
            threading.Thread(target=stop, daemon=True)
            for stop in (
                self._tasks.close,
                self._bus.stop,
                self._listener.stop,
            )
        ]
        for part in parts:
            part.start()
        for part in parts:
            part.join(_STOP_TIMEOUT)
