# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``probe.neighbours``."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base

#: Ceilings of one ``probe.neighbours``, whatever its caller asks for.
MAX_NEIGHBOURS = 512
_MAX_INTERFACES = 32


class Neighbour(base.Request, frozen=True, kw_only=True):
    """An address whose hardware address is asked for on an interface.

    ``vlan`` is that of the question's tag, 0 for none. ``source`` is one of
    the host's own addresses there; without it the question comes from
    nobody, as a host asks that has no address yet (RFC 5227; RFC 4862).
    """

    interface: base.DeviceName
    vlan: Annotated[int, msgspec.Meta(ge=0, le=4094)] = 0
    address: base.IpAddress
    source: base.IpAddress | None = None

    def __post_init__(self) -> None:
        address = base.ip_address("address", self.address)
        if address.is_multicast or address.is_unspecified:
            raise ValueError(f"address: {self.address} is not of one host")
        if self.source is not None:
            source = base.ip_address("source", self.source)
            if source.version != address.version:
                raise ValueError(
                    f"source: {self.source} is not of the same IP version "
                    f"as {self.address}"
                )


class ProbeNeighbours(base.Request, frozen=True, kw_only=True):
    """Ask who has addresses: by ARP, or by neighbour solicitation.

    Each is asked for ``attempts`` times, ``interval`` seconds apart; after
    the last, answers are waited for ``timeout`` seconds.
    """

    neighbours: Annotated[
        tuple[Neighbour, ...],
        msgspec.Meta(min_length=1, max_length=MAX_NEIGHBOURS),
    ]
    attempts: Annotated[int, msgspec.Meta(ge=1, le=5)] = 3
    interval: Annotated[float, msgspec.Meta(ge=0.1, le=5)] = 0.3
    timeout: Annotated[float, msgspec.Meta(ge=0.1, le=5)] = 1.0

    @property
    def summary(self) -> str:
        """How many are asked."""
        return f"{len(self.neighbours)} addresses"

    def __post_init__(self) -> None:
        interfaces = {one.interface for one in self.neighbours}
        if len(interfaces) > _MAX_INTERFACES:
            raise ValueError(
                f"neighbours: on {len(interfaces)} interfaces, at most "
                f"{_MAX_INTERFACES} are allowed"
            )
