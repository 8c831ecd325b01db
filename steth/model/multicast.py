# SPDX-License-Identifier: Apache-2.0
"""Whom a host heard in a multicast group.

Hosts are named by their index in the run.
"""

import msgspec


class GroupResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came in on one interface.

    ``heard`` are the hosts whose messages a program got that had joined the
    group, ``arrived`` those whose messages the interface got: what is only
    there was dropped by the host itself. ``refused`` says why the messages
    did not leave.
    """

    interface: str
    address: str
    heard: tuple[int, ...] = ()
    arrived: tuple[int, ...] = ()
    sent: int = 0
    refused: str | None = None


class MulticastReport(msgspec.Struct, frozen=True, kw_only=True):
    """A result for each place, in their order.

    ``lost`` counts packets that arrived and were not looked at.
    """

    results: tuple[GroupResult, ...] = ()
    lost: int = 0
    duration: float
