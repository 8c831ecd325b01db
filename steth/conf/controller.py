# SPDX-License-Identifier: Apache-2.0
"""Options of the controller, the ``openstack steth`` plugin."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    "controller",
    title="Controller",
    help="How 'openstack steth' finds and asks the agents.",
)

OPTS = [
    cfg.StrOpt(
        "transport",
        default="auto",
        choices=[
            ("auto", "the bus first, the direct listener second, by host"),
            ("bus", "the message bus only"),
            ("direct", "the direct listeners only"),
        ],
        help="The way to reach the agents.",
    ),
    cfg.FloatOpt(
        "timeout",
        default=5.0,
        min=0.5,
        max=600.0,
        help=(
            "Seconds to wait for an agent's reply, on top of what the "
            "operation itself takes."
        ),
    ),
    cfg.FloatOpt(
        "discovery_timeout",
        default=1.5,
        min=0.1,
        max=60.0,
        help="Seconds to wait for the agents to announce themselves.",
    ),
    cfg.IntOpt(
        "concurrency",
        default=64,
        min=1,
        max=512,
        help=(
            "How many agents are asked at once. What they have to do at the "
            "same time, such as to send while the others listen, is asked of "
            "all at once."
        ),
    ),
    cfg.BoolOpt(
        "use_cloud",
        default=True,
        help=(
            "Whether to ask Neutron and Nova, where credentials are given, "
            "which hosts should have an agent."
        ),
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Register the controller's options."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
