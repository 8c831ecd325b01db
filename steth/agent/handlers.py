# SPDX-License-Identifier: Apache-2.0
"""Which function performs which operation."""

import threading

from oslo_config import cfg

from steth.agent import operations
from steth.agent.inspect import agent
from steth.agent.inspect import host
from steth.agent.probe import icmp
from steth.rpc import contract


def handlers(
    conf: cfg.ConfigOpts, cancelled: threading.Event
) -> dict[str, operations.Handler]:
    """Return the handlers of all operations, by full name.

    :param cancelled: when it is set, what runs ends early
    """
    return {
        contract.INSPECT_AGENT.name: lambda _: agent.describe(conf.host),
        contract.INSPECT_HOST.name: lambda request: host.snapshot(
            request, conf.host
        ),
        # Read for each probe, since it may be changed while running.
        contract.PROBE_ICMP.name: lambda request: icmp.probe(
            request, conf.agent.max_packet_rate, cancelled
        ),
    }
