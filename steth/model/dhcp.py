# SPDX-License-Identifier: Apache-2.0
"""Which DHCP servers answered a host."""

import msgspec


class DhcpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one server offered, on one interface and VLAN.

    ``vlan`` is the one that was asked on, ``arrived_on`` that of the answer
    (0: no tag). ``server`` is the server identifier in the message, ``mac``
    and ``source`` are those of the frame that brought it: the server's, or
    those of the relay at ``relay``. ``offered`` is the address that a client
    would have got. ``count`` is how often it answered so.
    """

    interface: str
    vlan: int = 0
    arrived_on: int = 0
    server: str | None = None
    mac: str
    source: str
    relay: str | None = None
    offered: str | None = None
    count: int = 1


class DhcpReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that came of asking.

    ``refused`` names the interfaces that did not take what was to be sent,
    with the kernel's reason. ``lost`` counts packets that arrived and were
    not looked at.
    """

    answers: tuple[DhcpAnswer, ...] = ()
    sent: int = 0
    refused: dict[str, str] = {}
    lost: int = 0
    duration: float
