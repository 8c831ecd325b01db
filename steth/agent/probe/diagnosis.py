# SPDX-License-Identifier: Apache-2.0
"""What the host's own tables tell of packets that were not answered."""

import contextlib
import errno
import socket
from typing import NamedTuple

import msgspec

from steth.agent.inspect import addresses
from steth.agent.inspect import links
from steth.agent.inspect import neighbours
from steth.agent.inspect import netlink
from steth.agent.inspect import routes
from steth.agent.inspect import rtnetlink
from steth.agent.probe import failure as failure_module
from steth.agent.probe import session
from steth.agent.probe import tally
from steth.model import probe
from steth.rpc import requests

#: Address resolution goes on, or has failed.
_UNRESOLVED = frozenset({"incomplete", "failed"})


class _NextHop(NamedTuple):
    """The address a packet is handed to, and the device it leaves by."""

    address: str
    device: int


class Diagnosis:
    """Turns failures of one probe into causes.

    It looks at routes, neighbours and devices as they are now, so it is to
    be asked soon after the probe. No privilege is needed.
    """

    def __init__(self, sock: netlink.RouteSocket) -> None:
        self._socket = sock
        self._own: frozenset[str] | None = None
        self._hops: dict[
            tuple[bytes, bytes | None, str | None], _NextHop | None
        ] = {}
        self._resolved: dict[_NextHop, bool] = {}
        self._devices: dict[int, links.Device] = {}
        self._full: dict[int, str | None] = {}

    def cause(
        self, target: session.Target, failure: failure_module.Failure
    ) -> failure_module.Cause:
        """Say why packets to a target were not answered."""
        if failure.number:
            if not self._has_source(target):
                return failure_module.Cause(
                    kind=probe.FailureKind.NOT_SENT,
                    detail="the source address is not this host's",
                )
            mtu = None
            if failure.number == errno.EMSGSIZE:
                mtu = self._device_mtu(target)
            return failure_module.of_errno(failure, mtu)
        if failure.reporter is not None:
            return failure_module.of_icmp(
                failure,
                4 if target.family == socket.AF_INET else 6,
                local=failure.reporter in self._own_addresses(),
            )
        # The kernel reports a failed resolution after three seconds only
        # (RFC 4861, arp(7)); its table tells at once.
        hop = self._next_hop(target)
        if hop is not None and not self._is_resolved(hop):
            detail = self._full_table(target.family)
            if detail is None and hop.address != target.address:
                detail = f"the next hop {hop.address} does not resolve"
            return failure_module.Cause(
                kind=probe.FailureKind.NO_NEIGHBOUR, detail=detail
            )
        return failure_module.Cause(kind=probe.FailureKind.SILENT)

    def _has_source(self, target: session.Target) -> bool:
        # The kernel calls this "network unreachable" (IPv4) or "invalid
        # argument" (IPv6).
        if target.source is None:
            return True
        source = socket.inet_ntop(target.family, target.source)
        return source in self._own_addresses()

    def _own_addresses(self) -> frozenset[str]:
        if self._own is None:
            self._own = frozenset(
                found.address
                for body in self._socket.dump(
                    rtnetlink.RTM_GETADDR, addresses.REQUEST
                )
                if (found := addresses.decode(body, {}))
            )
        return self._own

    def _next_hop(self, target: session.Target) -> _NextHop | None:
        """Return to whom packets go; None where nobody has to resolve."""
        key = target.packed, target.source, target.device
        if key not in self._hops:
            # Without a route any more, or the device gone, nothing is known.
            self._hops[key] = None
            with contextlib.suppress(OSError):
                self._hops[key] = self._look_up(target)
        return self._hops[key]

    def _look_up(self, target: session.Target) -> _NextHop | None:
        index = socket.if_nametoindex(target.device) if target.device else 0
        kind, gateway, device = routes.next_hop(
            self._socket.get(
                rtnetlink.RTM_GETROUTE,
                *routes.get_request(
                    target.packed, target.source or b"", index
                ),
            )
        )
        if kind != "unicast" or not device:
            return None
        return _NextHop(gateway or target.address, device)

    def _device(self, index: int) -> links.Device:
        if index not in self._devices:
            self._devices[index] = links.device(
                self._socket.get(
                    rtnetlink.RTM_GETLINK, *links.get_request(index)
                )
            )
        return self._devices[index]

    def _device_mtu(self, target: session.Target) -> int | None:
        hop = self._next_hop(target)
        if hop is None:
            return None
        try:
            return self._device(hop.device).mtu
        except OSError:
            return None

    def _is_resolved(self, hop: _NextHop) -> bool:
        if hop not in self._resolved:
            # When in doubt: it was the network that kept silent.
            self._resolved[hop] = True
            with contextlib.suppress(OSError):
                self._resolved[hop] = self._ask_neighbour(hop)
        return self._resolved[hop]

    def _ask_neighbour(self, hop: _NextHop) -> bool:
        if not self._device(hop.device).resolves:
            return True
        try:
            body = self._socket.get(
                rtnetlink.RTM_GETNEIGH,
                *neighbours.get_request(hop.address, hop.device),
            )
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            # Every packet makes an entry, and only those that came to
            # nothing are thrown away within seconds.
            return False
        found = neighbours.decode(body, {})
        return found is None or found.state not in _UNRESOLVED

    def _full_table(self, family: int) -> str | None:
        """Say that it is the host which has no room for more neighbours."""
        version = 4 if family == socket.AF_INET else 6
        if version not in self._full:
            self._full[version] = None
            bodies = self._socket.dump(
                rtnetlink.RTM_GETNEIGHTBL, neighbours.table_request(version)
            )
            for table in filter(None, map(neighbours.table, bodies)):
                # Room is made only now and then, so a full table is seldom
                # seen with its last place taken.
                if table.entries >= 0.9 * table.limit:
                    self._full[version] = (
                        f"this host's neighbour table is full: {table.entries}"
                        f" of {table.limit} entries (sysctl "
                        f"net.ipv{version}.neigh.default.gc_thresh3)"
                    )
        return self._full[version]


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe counted, and the cause of each target that failed.

    The causes are in the order of these targets, without the others.
    """

    tally: tally.ProbeTally
    causes: tuple[failure_module.Cause, ...] = ()


def explain(request: requests.ProbeIcmp, found: tally.ProbeTally) -> Explained:
    """Add to what a probe counted why its packets were not answered.

    :raises OSError: the kernel does not answer
    """
    failures = [
        (session.Target.of(asked), one.failure)
        for asked, one in zip(request.targets, found.targets, strict=True)
        if one.failure is not None
    ]
    if not failures:
        return Explained(tally=found)
    with netlink.RouteSocket() as sock:
        diagnosis = Diagnosis(sock)
        causes = tuple(diagnosis.cause(*one) for one in failures)
    return Explained(tally=found, causes=causes)
