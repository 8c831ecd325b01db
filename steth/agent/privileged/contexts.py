# SPDX-License-Identifier: Apache-2.0
"""What the agent may do beyond an ordinary user, by purpose."""

from oslo_config import cfg
from oslo_privsep import capabilities
from oslo_privsep import priv_context

_PREFIX = "steth.agent.privileged"

#: More than the agent may run operations at once, so that a request to end
#: a probe never waits behind other probes. A thread starts when needed.
_THREADS = 72

#: Sends and receives echo packets on raw sockets, and watches devices.
probe = priv_context.PrivContext(
    _PREFIX,
    cfg_section="steth_probe",
    pypath=f"{__name__}.probe",
    capabilities=[capabilities.CAP_NET_RAW],
)

#: Enters other network namespaces to read them.
namespace = priv_context.PrivContext(
    _PREFIX,
    cfg_section="steth_namespace",
    pypath=f"{__name__}.namespace",
    capabilities=[capabilities.CAP_SYS_ADMIN],
)

ALL = (probe, namespace)

cfg.CONF.set_default("thread_pool_size", _THREADS, group="steth_probe")
