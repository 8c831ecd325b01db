# SPDX-License-Identifier: Apache-2.0
"""The arguments of every operation, with their types and bounds.

A request is checked twice by the same code: where it is made, so that a
mistake costs no round trip, and at the agent's door, because the caller may
be anybody. Bounds that span several arguments are in ``__post_init__``: what
it raises as ``ValueError`` reaches the caller as a ``bad-argument`` error.
"""

import ipaddress
from typing import Annotated

import msgspec

#: Ceilings of one ``probe.icmp``, whatever its caller asks for.
MAX_PACKETS = 200_000
MAX_SECONDS = 120.0
MAX_BYTES = 1_000_000_000

DeviceName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=15, pattern=r"^[^/\s]+$")
]
NamespaceName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[\w.:@+-]+$")
]
IpAddress = Annotated[str, msgspec.Meta(min_length=2, max_length=45)]


class Request(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The arguments of one operation."""


class InspectAgent(Request, frozen=True, kw_only=True):
    """``inspect.agent`` takes nothing."""


class InspectHost(Request, frozen=True, kw_only=True):
    """What to read of a host.

    ``all_namespaces``: the named network namespaces too, not only the
    host's own.
    """

    all_namespaces: bool = True


class IcmpTarget(Request, frozen=True, kw_only=True):
    """One target: an address and the size of the whole IP packet in bytes."""

    address: IpAddress
    size: Annotated[int, msgspec.Meta(ge=64, le=65535)] = 64
    source: IpAddress | None = None
    device: DeviceName | None = None
    dont_fragment: bool = False

    def __post_init__(self) -> None:
        target = _address("address", self.address)
        if target.is_multicast or target.is_unspecified:
            raise ValueError(f"address: {self.address} is not of one host")
        if self.source is not None:
            source = _address("source", self.source)
            if source.version != target.version:
                raise ValueError(
                    f"source: {self.source} is not of the same IP version "
                    f"as {self.address}"
                )


class ProbeIcmp(Request, frozen=True, kw_only=True):
    """Echo requests to many targets at once.

    Every target gets ``count`` packets, ``interval`` seconds apart, and the
    last one ``timeout`` seconds for its answer. The agent spreads the packets
    evenly and lengthens the interval where its own pace would be exceeded.

    With ``watch`` the agent also counts the packets of this ``run`` (its own
    and those of every other agent of the run) on each device as they pass;
    ``delay`` and ``linger`` are the seconds it watches before it sends the
    first packet and after the last answer is due, so that all agents of the
    run are watching while any of them sends.
    """

    targets: Annotated[
        tuple[IcmpTarget, ...], msgspec.Meta(min_length=1, max_length=4096)
    ]
    count: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    interval: Annotated[float, msgspec.Meta(ge=0.01, le=10.0)] = 0.2
    timeout: Annotated[float, msgspec.Meta(ge=0.05, le=10.0)] = 1.0
    run: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)] = 0
    watch: bool = False
    delay: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0
    linger: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0

    @property
    def packets(self) -> int:
        """How many packets will be sent."""
        return len(self.targets) * self.count

    def __post_init__(self) -> None:
        if self.packets > MAX_PACKETS:
            raise ValueError(
                f"count: {self.packets} packets in all, "
                f"at most {MAX_PACKETS} are allowed"
            )
        size = sum(one.size for one in self.targets) * self.count
        if size > MAX_BYTES:
            raise ValueError(
                f"size: {size} bytes in all, at most {MAX_BYTES} are allowed"
            )
        seconds = (
            self.count * self.interval
            + self.timeout
            + self.delay
            + self.linger
        )
        if seconds > MAX_SECONDS:
            raise ValueError(
                f"interval: it would take {seconds:.0f} s, "
                f"at most {MAX_SECONDS:.0f} s are allowed"
            )


def _address(
    argument: str, text: str
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            f"{argument}: {text!r} is not an IP address"
        ) from None
