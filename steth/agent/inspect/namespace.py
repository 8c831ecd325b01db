# SPDX-License-Identifier: Apache-2.0
"""Reading the network namespace that the calling thread is in."""

from collections.abc import Callable
from collections.abc import Iterator
import itertools
import socket

import msgspec

from steth.agent.inspect import addresses
from steth.agent.inspect import ethtool
from steth.agent.inspect import links
from steth.agent.inspect import neighbours
from steth.agent.inspect import netlink
from steth.agent.inspect import routes
from steth.agent.inspect import rtnetlink
from steth.agent.inspect import sysctls
from steth.model import host as host_model

#: How many entries of each list a snapshot holds at most; a host that has
#: more of them (a full routing table, say) names the list in ``truncated``.
MAX_LINKS = 4096
MAX_ADDRESSES = 4096
MAX_ROUTES = 4096
MAX_NEIGHBOURS = 4096
#: How many routes are looked at for those of further tables.
_MAX_ROUTES_SEEN = 16384

#: A dump that changed while it was read is read again that often in all.
_ATTEMPTS = 3


def read(name: str) -> host_model.Namespace:
    """Return what is in the namespace.

    :param name: what to call it
    :raises OSError: the kernel refused
    """
    link_bodies, cut_links = dump(
        rtnetlink.RTM_GETLINK,
        links.REQUEST,
        MAX_LINKS,
        links.REQUEST_ATTRIBUTES,
    )
    names = dict(links.index_and_name(body) for body in link_bodies)
    address_bodies, cut_addresses = dump(
        rtnetlink.RTM_GETADDR, addresses.REQUEST, MAX_ADDRESSES
    )
    neighbour_bodies, cut_neighbours = dump(
        rtnetlink.RTM_GETNEIGH, neighbours.REQUEST, MAX_NEIGHBOURS
    )
    route_bodies, cut_routes = _routes()
    cut = {
        "links": cut_links,
        "addresses": cut_addresses,
        "routes": cut_routes,
        "neighbours": cut_neighbours,
    }
    return host_model.Namespace(
        name=name,
        links=tuple(_links(link_bodies, names)),
        addresses=tuple(
            address
            for body in address_bodies
            if (address := addresses.decode(body, names))
        ),
        routes=tuple(
            route
            for body in route_bodies
            for route in routes.decode(body, names)
        ),
        neighbours=tuple(
            neighbour
            for body in neighbour_bodies
            if (neighbour := neighbours.decode(body, names))
            and neighbour.state not in neighbours.UNRESOLVABLE
        ),
        sysctls=sysctls.read(),
        truncated=tuple(what for what, was_cut in cut.items() if was_cut),
    )


def _links(
    bodies: list[bytes], names: dict[int, str]
) -> Iterator[host_model.Link]:
    """Yield the links, with what only their drivers tell."""
    with ethtool.Socket() as drivers:
        for body in bodies:
            link = links.decode(body, names)
            settings = drivers.settings(link.name)
            if settings is not None:
                link = msgspec.structs.replace(
                    link, speed=settings.speed, duplex=settings.duplex
                )
            yield link


def _routes() -> tuple[list[bytes], bool]:
    """Read the main table first: it must not drown in the others."""
    found: list[bytes] = []
    cut = False
    for family in (socket.AF_INET, socket.AF_INET6):
        bodies, some_cut = dump(
            rtnetlink.RTM_GETROUTE,
            routes.dump_request(family, routes.MAIN_TABLE),
            MAX_ROUTES // 2,
        )
        found += bodies
        cut |= some_cut
    known = {routes.MAIN_TABLE, routes.LOCAL_TABLE}
    bodies, some_cut = dump(
        rtnetlink.RTM_GETROUTE,
        routes.dump_request(socket.AF_UNSPEC, 0),
        MAX_ROUTES - len(found),
        wanted=lambda body: routes.table_of(body) not in known,
    )
    return found + bodies, cut or some_cut


def dump(
    kind: int,
    request: bytes,
    limit: int,
    attributes: rtnetlink.Attributes | None = None,
    wanted: Callable[[bytes], bool] | None = None,
) -> tuple[list[bytes], bool]:
    """Return the first objects of a dump, and whether there are more.

    :raises OSError: the kernel refused
    """
    found: list[bytes] = []
    for _ in range(_ATTEMPTS):
        found = []
        try:
            with netlink.RouteSocket() as sock:
                bodies = sock.dump(kind, request, attributes)
                for seen in itertools.count():
                    body = next(bodies, None)
                    if body is None:
                        return found, False
                    if len(found) == limit or seen == _MAX_ROUTES_SEEN:
                        return found, True
                    if wanted is None or wanted(body):
                        found.append(body)
        except netlink.DumpInterruptedError:
            continue
    return found, False
