# SPDX-License-Identifier: Apache-2.0
"""What a cell of the traffic matrix is."""

import enum

import msgspec


class Kind(enum.StrEnum):
    """How a cell is tried."""

    PING = "ping"
    #: A ping as long as the MTU, which must not be fragmented.
    FULL = "full"
    HTTP = "http"
    #: HTTP that must not get through.
    BLOCKED = "blocked"
    #: A lease, from DISCOVER to ACK, that is thrown away.
    LEASE = "lease"
    #: Neutron's word on a port.
    PORT = "port"
    #: Neutron's word on an agent.
    AGENT = "agent"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to work, named as ``what/from/to``.

    ``source`` is where it is tried: an instance, a host, or empty for
    Neutron's API. ``target`` is an address, a URL, or an id. ``expected``
    is what has to come back, empty where anything will do. ``size`` is that
    of a whole packet, in bytes.
    """

    name: str
    kind: Kind
    source: str = ""
    target: str = ""
    expected: str = ""
    size: int = 0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying a cell."""

    cell: Cell
    passed: bool
    said: str
