# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``probe.icmp``."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: Ceilings of one ``probe.icmp``, whatever its caller asks for.
MAX_TARGETS = 4096
MAX_PACKETS = 200_000
MAX_SECONDS = 120.0
MAX_BYTES = 1_000_000_000


class IcmpTarget(base.Request, frozen=True, kw_only=True):
    """One target: an address and the size of the whole IP packet in bytes."""

    address: base.IpAddress
    size: Annotated[int, msgspec.Meta(ge=64, le=65535)] = 64
    source: base.IpAddress | None = None
    device: base.DeviceName | None = None
    dont_fragment: bool = False

    def __post_init__(self) -> None:
        target = base.ip_address("address", self.address)
        if target.is_multicast or target.is_unspecified:
            raise ValueError(f"address: {self.address} is not of one host")
        if self.source is not None:
            source = base.ip_address("source", self.source)
            if source.version != target.version:
                raise ValueError(
                    f"source: {self.source} is not of the same IP version "
                    f"as {self.address}"
                )


class ProbeIcmp(base.Request, frozen=True, kw_only=True):
    """Echo requests to many targets at once.

    Every target gets ``count`` packets, ``interval`` seconds apart, and the
    last one ``timeout`` seconds for its answer. The agent spreads the packets
    evenly and lengthens the interval where its own pace would be exceeded.

    With ``watch`` the agent also counts the packets of this ``run`` (its own
    and those of every other agent of the run) on each device as they pass;
    ``delay`` and ``linger`` are the seconds it watches before it sends the
    first packet and after the last answer is due, so that all agents of the
    run are watching while any of them sends.

    ``netns`` is the network namespace of the host to do all of it in, by its
    name, instead of the host's own.
    """

    targets: Annotated[
        tuple[IcmpTarget, ...],
        msgspec.Meta(min_length=1, max_length=MAX_TARGETS),
    ]
    count: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    interval: Annotated[float, msgspec.Meta(ge=0.01, le=10.0)] = 0.2
    timeout: Annotated[float, msgspec.Meta(ge=0.05, le=10.0)] = 1.0
    run: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)] = 0
    watch: bool = False
    delay: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0
    linger: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 0.0
    netns: base.NamespaceName | None = None

    @property
    def packets(self) -> int:
        """How many packets will be sent."""
        return len(self.targets) * self.count

    @property
    def summary(self) -> str:
        """How much is sent, and where to."""
        to = f"{len(self.targets)} targets"
        if len(self.targets) == 1:
            to = self.targets[0].address
        return f"{self.packets} packets to {to}"

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
