# SPDX-License-Identifier: Apache-2.0
"""Reads the configuration and runs the agent with it."""

from importlib import metadata
import sys

from oslo_config import cfg
from oslo_log import log
from oslo_service import service as oslo_service

from steth import version
from steth.agent import privileged
from steth.agent import service
from steth.conf import load
from steth.conf import strict
from steth.rpc import bus

LOG = log.getLogger(__name__)

#: The libraries whose options a configuration file of the agent may give, by
#: their names as ``oslo.config.opts`` entry points.
_LIBRARIES = ("oslo.log", "oslo.messaging", "oslo.service.service")
_PRIVSEP = "oslo.privsep"
#: The one warns that the service runs in the main process, as it is meant to,
#: the other of what the broker still says while the agent leaves it.
_QUIET = ("oslo_service.backend=ERROR", "amqp=ERROR")


def run(arguments: list[str]) -> int:
    """Run the agent until a signal ends it; return the exit code.

    :param arguments: the command line's
    """
    conf = cfg.CONF
    try:
        _read(conf, arguments)
        log.setup(conf, "steth")
        # As long as there are no threads: it forks.
        privileged.start()
        agent = service.AgentService(
            conf, lambda: _read(cfg.ConfigOpts(), arguments)
        )
        oslo_service.launch(conf, agent, no_fork=True)
    except (ValueError, log.LogConfigError) as error:
        # Told where it is looked for, which may be in both places.
        if conf.log_file or conf.log_dir or conf.use_syslog:
            LOG.error("%s", error)
        sys.stderr.write(f"steth-agent: {error}\n")
        return 1
    return 0


def _read(conf: cfg.ConfigOpts, arguments: list[str]) -> None:
    """Read the configuration.

    :raises load.ConfigError: if it can't be used
    """
    log.register_options(conf)
    log.set_defaults(
        default_log_levels=[*log.get_default_log_levels(), *_QUIET]
    )
    bus.register(conf)
    load.load(
        conf=conf,
        arguments=arguments,
        version=version.version_string(),
        libraries=_library_options(),
        complete=True,
    )


def _library_options() -> strict.Options:
    entries = metadata.entry_points(group="oslo.config.opts")
    listed = [
        group
        for name in _LIBRARIES
        for entry in entries.select(name=name)
        for group in entry.load()()
    ]
    # Each privileged process has a section of its own, all alike.
    alike = entries[_PRIVSEP].load()()[0][1]
    return listed + [
        (context.cfg_section, alike) for context in privileged.contexts.ALL
    ]
