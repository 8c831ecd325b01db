# SPDX-License-Identifier: Apache-2.0
"""Options of the controller as a client of the direct listeners."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    "direct_client",
    title="Direct client",
    help="How 'openstack steth' speaks to the agents' direct listeners.",
)

OPTS = [
    cfg.PortOpt("port", default=9698, help="The TCP port the agents use."),
    cfg.BoolOpt("tls", default=False, help="Whether the agents speak TLS."),
    cfg.StrOpt(
        "ca_file",
        help=(
            "Certificate authorities, in PEM form, that the agents' "
            "certificates are checked against; those of the system where "
            "it is not given."
        ),
    ),
    cfg.StrOpt(
        "certificate_file",
        help="Certificate to show to agents that ask for one, in PEM form.",
    ),
    cfg.StrOpt("key_file", help="Private key of certificate_file, in PEM."),
    cfg.StrOpt("username", help="User for HTTP basic authentication."),
    cfg.StrOpt("password", secret=True, help="That user's password."),
    cfg.FloatOpt(
        "connect_timeout",
        default=2.0,
        min=0.1,
        max=60.0,
        help="Seconds to wait for an agent's listener to accept.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Register the direct client's options."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
