# SPDX-License-Identifier: Apache-2.0
"""Why a packet was not answered: what was observed, and what it means."""

import errno
import os

import msgspec

from steth.model import probe


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a packet that was not answered.

    ``number`` is the errno of a packet that the kernel refused to send.
    ``type`` and ``code`` are those of an ICMP error that ``reporter`` sent
    about it (``mtu`` 0 where it tells none). With neither it is silence.
    """

    number: int = 0
    type: int = 0
    code: int = 0
    mtu: int = 0
    reporter: str | None = None


SILENCE = Failure()


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What a failure means, in the words of the reply."""

    kind: probe.FailureKind
    mtu: int | None = None
    reported_by: str | None = None
    detail: str | None = None


_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})

#: What an errno of sendmsg(2) means on a raw socket, where its own text
#: leaves the reader in the dark.
_REFUSALS = {
    errno.EPERM: "a packet filter of this host drops it (operation not "
    "permitted)",
    errno.EACCES: "a route prohibits it, or it is a broadcast address "
    "(permission denied)",
    errno.EINVAL: "a blackhole route, or a source address that is not this "
    "host's (invalid argument)",
    errno.EADDRNOTAVAIL: "the source address is not this host's",
    errno.ENETDOWN: "the device is down",
    errno.ENODEV: "there is no such device",
    errno.ENOBUFS: "the host has no room for more packets that wait to be "
    "sent",
    errno.EAFNOSUPPORT: "this host does not speak that IP version",
    errno.ETIME: "the probe ran into its ceiling in seconds",
}

#: linux/icmp.h; RFC 792, RFC 1122, RFC 1812.
_DESTINATION_UNREACHABLE = 3
_FRAGMENTATION_NEEDED = 4
_HOST_UNREACHABLE = 1
_V4 = {
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 5): "source route failed",
    (3, 6): "network unknown",
    (3, 7): "host unknown",
    (3, 9): "network administratively prohibited",
    (3, 10): "host administratively prohibited",
    (3, 13): "communication administratively prohibited",
    (11, 0): "time to live exceeded in transit",
    (11, 1): "fragment reassembly time exceeded",
    (12, 0): "parameter problem",
}
#: linux/icmpv6.h; RFC 4443.
_PACKET_TOO_BIG = 2
_ADDRESS_UNREACHABLE = 3
_V6 = {
    (1, 0): "no route to destination",
    (1, 1): "communication administratively prohibited",
    (1, 2): "beyond scope of source address",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, 5): "source address failed policy",
    (1, 6): "reject route to destination",
    (3, 0): "hop limit exceeded in transit",
    (3, 1): "fragment reassembly time exceeded",
    (4, 0): "erroneous header field",
    (4, 1): "unrecognized next header type",
    (4, 2): "unrecognized option",
}


def of_errno(failure: Failure, device_mtu: int | None) -> Cause:
    """Say why the kernel did not send a packet.

    :param device_mtu: the MTU of the device it would have left by
    """
    if failure.number in _NO_ROUTE:
        return Cause(
            kind=probe.FailureKind.NO_ROUTE,
            detail=os.strerror(failure.number).lower(),
        )
    if failure.number == errno.EMSGSIZE:
        return Cause(kind=probe.FailureKind.TOO_BIG, mtu=device_mtu)
    return Cause(
        kind=probe.FailureKind.NOT_SENT,
        detail=_REFUSALS.get(
            failure.number, os.strerror(failure.number).lower()
        ),
    )


def of_icmp(failure: Failure, version: int, *, local: bool) -> Cause:
    """Say what an ICMP error means.

    :param version: 4 or 6
    :param local: whether this host itself reported it
    """
    told = failure.type, failure.code
    if version == 4:
        too_big = told == (_DESTINATION_UNREACHABLE, _FRAGMENTATION_NEEDED)
        unresolved = told == (_DESTINATION_UNREACHABLE, _HOST_UNREACHABLE)
        words = _V4
    else:
        too_big = failure.type == _PACKET_TOO_BIG
        unresolved = told == (1, _ADDRESS_UNREACHABLE)
        words = _V6
    if too_big:
        return Cause(
            kind=probe.FailureKind.TOO_BIG,
            mtu=failure.mtu or None,
            reported_by=None if local else failure.reporter,
        )
    detail = words.get(told, f"ICMP type {failure.type} code {failure.code}")
    if unresolved and local:
        return Cause(kind=probe.FailureKind.NO_NEIGHBOUR, detail=detail)
    return Cause(
        kind=probe.FailureKind.FILTERED,
        reported_by=failure.reporter,
        detail=detail,
    )
