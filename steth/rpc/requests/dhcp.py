# SPDX-License-Identifier: Apache-2.0
"""Arguments of ``probe.dhcp``."""

from typing import Annotated

import msgspec

from steth.model import vlan_range
from steth.rpc.requests import base

#: Ceilings of one ``probe.dhcp`` on one host, whatever its caller asks for.
MAX_DISCOVERS = 2000
_MAX_PLACES = 32
_MAX_TEXT = 10_240


class DhcpPlace(base.Request, frozen=True, kw_only=True):
    """An interface to ask on: on VLANs, with ``untagged`` without one too.

    ``vlans`` are ids and ranges, ``100-199,300``; empty for none.
    """

    interface: base.DeviceName
    vlans: Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)] = ""
    untagged: bool = True

    @property
    def ids(self) -> tuple[int, ...]:
        """The VLANs; 0 stands for a frame without a tag."""
        untagged = (0,) if self.untagged else ()
        tagged = vlan_range.parse(self.vlans) if self.vlans else ()
        return untagged + tagged

    def __post_init__(self) -> None:
        try:
            ids = self.ids
        except ValueError as error:
            raise ValueError(f"vlans: {error}") from None
        if not ids:
            raise ValueError("vlans: none are given, nor untagged")


class ProbeDhcp(base.Request, frozen=True, kw_only=True):
    """Ask for DHCP servers (DHCPDISCOVER, nothing else) and listen.

    ``attempts`` are made on each place, ``interval`` seconds apart; after the
    last, answers are waited for ``timeout`` seconds. ``run`` makes the
    hardware address that is asked for: all hosts of a run ask for the same,
    so that a server keeps one address back for all of them, and looks once
    whether that is free.
    """

    places: Annotated[
        tuple[DhcpPlace, ...],
        msgspec.Meta(min_length=1, max_length=_MAX_PLACES),
    ]
    run: Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]
    attempts: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    interval: Annotated[float, msgspec.Meta(ge=0.5, le=5)] = 1.5
    timeout: Annotated[float, msgspec.Meta(ge=0.2, le=10)] = 3.5

    @property
    def discovers(self) -> int:
        """How many messages are sent in all."""
        return self.attempts * sum(len(one.ids) for one in self.places)

    @property
    def summary(self) -> str:
        """How much is asked, and where."""
        names = ", ".join(one.interface for one in self.places)
        return f"{self.discovers} questions on {names}"

    def __post_init__(self) -> None:
        names = [one.interface for one in self.places]
        if len(names) != len(set(names)):
            raise ValueError("places: an interface is there twice")
        if self.discovers > MAX_DISCOVERS:
            raise ValueError(
                f"places: {self.discovers} messages in all, at most "
                f"{MAX_DISCOVERS} are allowed; give fewer VLANs"
            )
