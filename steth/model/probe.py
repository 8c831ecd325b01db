# SPDX-License-Identifier: Apache-2.0
"""What a probe measured."""

import enum

import msgspec


class FailureKind(enum.StrEnum):
    """Why packets to a target were not answered."""

    #: The sender's host has no route to the target.
    NO_ROUTE = "no-route"
    #: The target (or the next hop to it) did not resolve to a MAC address.
    NO_NEIGHBOUR = "no-neighbour"
    #: Somebody on the way, or the target, answered that it refuses.
    FILTERED = "filtered"
    #: The packet is larger than a link on the way lets through, and
    #: somebody said so (``mtu``, ``reported_by``); the sender's own kernel
    #: counts, then ``reported_by`` is None.
    TOO_BIG = "too-big"
    #: The sender's kernel refused to send (``detail`` says why).
    NOT_SENT = "not-sent"
    #: Nothing came back at all.
    SILENT = "silent"


class IcmpResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the echo requests to one target.

    Round trip times in milliseconds; ``size`` is the length of the IP packet
    in bytes. ``failure`` is the kind of the last unanswered packet.
    """

    address: str
    size: int
    sent: int
    received: int
    rtt_min: float | None = None
    rtt_avg: float | None = None
    rtt_max: float | None = None
    rtt_stddev: float | None = None
    failure: FailureKind | None = None
    mtu: int | None = None
    reported_by: str | None = None
    detail: str | None = None
    duplicates: int = 0


class PacketKind(enum.StrEnum):
    """What a watched packet is."""

    REQUEST = "request"
    REPLY = "reply"
    ARP = "arp"


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Packets of a run that passed a device of the host.

    Seen on the device itself, below the host's packet filter when they come
    in and behind it when they go out. ``outgoing`` tells the direction,
    ``count`` how many different packets (a packet that passes several
    devices of the host counts once per device). ``size`` is the length of
    the IP packet in bytes, 0 for ARP and neighbour solicitation
    (``PacketKind.ARP``), whose ``source`` and ``destination`` are the sender's
    and target's protocol addresses and ``mac`` the hardware address that the
    sender claims.
    """

    kind: PacketKind
    outgoing: bool
    device: str
    source: str
    destination: str
    size: int
    count: int
    mac: str | None = None


class IcmpReport(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``probe.icmp``; ``results`` in the order of the targets.

    ``lost_by_watch`` counts packets that the watch itself could not keep up
    with: with any, an absent sighting proves nothing.
    """

    results: tuple[IcmpResult, ...]
    sightings: tuple[Sighting, ...] = ()
    lost_by_watch: int = 0
    duration: float
