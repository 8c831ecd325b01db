# SPDX-License-Identifier: Apache-2.0
"""Where the direct listener of this host can be reached from elsewhere.

A controller that finds an agent on the bus may lose the bus a moment later,
and then has to know the way.
"""

import contextlib
import ipaddress
import socket
from urllib import parse

from oslo_config import cfg


def address(options: cfg.ConfigOpts.GroupAttr, broker: str) -> str | None:
    """Return the address that others reach the listener at, if they can.

    Where it listens on all, that is the one from which the broker is
    reached: it is on a network that all of the cloud's hosts are on.

    :param options: the group ``direct``
    :param broker: the broker that this agent uses, ``<host>:<port>``
    """
    if not options.enabled or not (
        options.client_ca_file or options.htpasswd_file
    ):
        # On loopback only.
        return None
    try:
        bound = ipaddress.ip_address(options.bind_host)
    except ValueError:
        return None
    if not bound.is_unspecified:
        return None if bound.is_loopback else str(bound)
    family = socket.AF_INET if bound.version == 4 else socket.AF_UNSPEC
    with contextlib.suppress(OSError, UnicodeError, ValueError):
        return _towards(broker, family)
    return None


def _towards(broker: str, family: int) -> str | None:
    """Return the address from which packets leave for the broker."""
    where = parse.urlsplit(f"//{broker}")
    for found, kind, _, _, target in socket.getaddrinfo(
        where.hostname, where.port, family, socket.SOCK_DGRAM
    ):
        # Nothing is sent: to connect such a socket looks up the route only.
        with socket.socket(found, kind) as sock:
            sock.connect(target)
            mine = ipaddress.ip_address(sock.getsockname()[0].split("%")[0])
        if not (mine.is_loopback or mine.is_link_local):
            return str(mine)
    return None
