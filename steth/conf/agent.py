# SPDX-License-Identifier: Apache-2.0
"""Options of the agent itself."""

import socket

from oslo_config import cfg
from oslo_config import types

HOST_OPT = cfg.HostAddressOpt(
    "host",
    default=socket.gethostname(),
    sample_default="<the host's name>",
    help=(
        "Name of this host on the message bus and in reports. It has to be "
        "the name that Neutron and Nova know the host by (their option of "
        "the same name), or the two cannot be matched."
    ),
)

GROUP = cfg.OptGroup(
    "agent",
    title="Agent",
    help="What the agent on a compute or network node may do.",
)

OPTS = [
    cfg.IntOpt(
        "max_operations",
        default=8,
        min=1,
        max=64,
        help=(
            "How many operations the agent runs at once, over the bus and "
            "the direct listener together. A further one is refused with "
            "the error 'busy'."
        ),
    ),
    cfg.IntOpt(
        "max_packet_rate",
        default=1000,
        min=10,
        max=10000,
        mutable=True,
        help=(
            "The highest rate, in packets per second, at which one probe "
            "sends. A request that asks for more is paced down to it."
        ),
    ),
    cfg.IntOpt(
        "bus_retry_interval",
        default=5,
        min=1,
        max=300,
        mutable=True,
        help=(
            "Seconds between two attempts to reach a message broker that "
            "does not answer."
        ),
    ),
    cfg.ListOpt(
        "ovsdb_connection",
        item_type=types.String(regex=r"(tcp:.+:\d{1,5}|unix:/.+)$"),
        default=["tcp:127.0.0.1:6640", "unix:/run/openvswitch/db.sock"],
        mutable=True,
        help=(
            "Where the database of Open vSwitch may be, tried in this order: "
            "'tcp:<address>:<port>' or 'unix:<path>'. The first is where "
            "Neutron's agents have it listen (their option of the same "
            "name); an agent that is not root may not use the second."
        ),
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Register the agent's options."""
    conf.register_opt(HOST_OPT)
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
