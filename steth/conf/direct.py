# SPDX-License-Identifier: Apache-2.0
"""Options of the agent's direct listener."""

from oslo_config import cfg

GROUP = cfg.OptGroup(
    "direct",
    title="Direct listener",
    help=(
        "The agent's own JSON-RPC listener, the way in when the message bus "
        "is broken. Unless a client certificate (client_ca_file) or a "
        "password (htpasswd_file) is asked for, it listens on loopback only, "
        "whatever bind_host says."
    ),
)

OPTS = [
    cfg.BoolOpt(
        "enabled",
        default=True,
        help="Whether the agent listens at all.",
    ),
    cfg.HostAddressOpt(
        "bind_host",
        default="::",
        help="The address to listen on; '::' is every IPv4 and IPv6 one.",
    ),
    cfg.PortOpt("port", default=9698, help="The TCP port to listen on."),
    cfg.StrOpt(
        "certificate_file",
        help=(
            "Certificate chain of this host in PEM form. With it and "
            "key_file the listener speaks TLS only."
        ),
    ),
    cfg.StrOpt("key_file", help="Private key of certificate_file, in PEM."),
    cfg.StrOpt(
        "client_ca_file",
        help=(
            "Certificate authorities, in PEM form, one of which must have "
            "signed the client's certificate. Needs TLS."
        ),
    ),
    cfg.StrOpt(
        "htpasswd_file",
        help=(
            "Users and their bcrypt passwords for HTTP basic "
            "authentication, as 'htpasswd -B' writes them. The file is read "
            "anew when it changes."
        ),
    ),
    cfg.IntOpt(
        "max_request_bytes",
        default=1048576,
        min=1024,
        max=16777216,
        help="The largest request body that is read, in bytes.",
    ),
    cfg.IntOpt(
        "threads",
        default=12,
        min=1,
        max=80,
        help=(
            "How many connections are served at once. It should be some more "
            "than [agent] max_operations: then operations that go on for "
            "long leave room for those that renew their leases or stop them."
        ),
    ),
    cfg.IntOpt(
        "timeout",
        default=10,
        min=1,
        max=300,
        help="Seconds that a client may take to send its request.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Register the direct listener's options."""
    conf.register_group(GROUP)
    conf.register_opts(OPTS, group=GROUP)
