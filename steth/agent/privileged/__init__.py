# SPDX-License-Identifier: Apache-2.0
"""What needs more than an ordinary user's rights, each purpose apart.

Each context is a small process of its own (oslo.privsep) with the
capabilities that its purpose takes. It ends when the agent does, in whatever
way.
"""

import logging
import os
import sys
import warnings

from oslo_privsep import capabilities
from oslo_privsep import priv_context

from steth.agent.privileged import capture
from steth.agent.privileged import contexts
from steth.agent.privileged import dhcp
from steth.agent.privileged import icmp
from steth.agent.privileged import multicast
from steth.agent.privileged import namespaces
from steth.agent.privileged import neighbours
from steth.agent.privileged import packets
from steth.agent.privileged import vlan
from steth.agent.privileged import vlan_interfaces

__all__ = [
    "capture",
    "contexts",
    "dhcp",
    "icmp",
    "multicast",
    "namespaces",
    "neighbours",
    "packets",
    "start",
    "stop",
    "vlan",
    "vlan_interfaces",
]

LOG = logging.getLogger(__name__)


def start() -> None:
    """Prepare the privileged processes.

    Call it in the process that runs the operations, after the configuration
    was read and before threads and further imports: a process that has the
    capabilities forks, and what it has loaded by then is shared. Otherwise
    each context starts at its first use by its ``helper_command``.
    """
    effective = set(capabilities.get_caps()[0])
    if os.geteuid() == 0:
        # Should a process have to be started again: sudo is not needed, and
        # the helper lies beside the interpreter, not always on the path.
        beside = os.path.dirname(sys.executable)
        path = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])
        priv_context.init(root_helper=["env", f"PATH={path}"])
    for context in contexts.ALL:
        if context.channel is None and effective.issuperset(
            context.conf.capabilities
        ):
            with warnings.catch_warnings():
                # Python 3.12 warns of a fork beside threads: the only one is
                # that which reads the answers of the context before.
                warnings.simplefilter("ignore", DeprecationWarning)
                _fork(context)


def _fork(context: priv_context.PrivContext) -> None:
    agent = os.getpid()
    try:
        context.start(priv_context.Method.FORK)
    except BaseException:
        # The connection to the agent broke, and this is the new process: it
        # must not come back from here as a second agent.
        if os.getpid() != agent:
            os._exit(1)
        raise


def stop() -> None:
    """End the privileged processes, and with them what they are doing."""
    for context in contexts.ALL:
        context.stop()


def _forget() -> None:
    """Leave the processes to the parent: its replies don't come here."""
    for context in contexts.ALL:
        context.channel = None


os.register_at_fork(after_in_child=_forget)
