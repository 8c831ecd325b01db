# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations that try the VLANs of a trunk.

A run is three operations on every host: listen, send, and tell what was
heard. Listening goes on by itself, so that nobody sends before all listen;
it ends when it was told about, and after its time in any case.
"""

from typing import Annotated

import msgspec

from steth.model import vlan_range
from steth.rpc.requests import base

#: Ceilings of one run on one host, whatever its caller asks for.
MAX_FRAMES = 50_000
MAX_VLAN_SECONDS = 120.0
MAX_HOSTS = 1024
#: The longest list of ranges: every other VLAN.
_MAX_TEXT = 10_240

Run = Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]
Index = Annotated[int, msgspec.Meta(ge=0, lt=MAX_HOSTS)]


class VlanListen(base.Request, frozen=True, kw_only=True):
    """Begin to listen on an interface for the frames of a run.

    ``index`` is this host's own among the ``hosts`` of the run, ``seconds``
    how long it listens at most.
    """

    interface: base.DeviceName
    run: Run
    index: Index
    hosts: Annotated[int, msgspec.Meta(ge=2, le=MAX_HOSTS)]
    seconds: Annotated[float, msgspec.Meta(gt=0, le=MAX_VLAN_SECONDS)]

    def __post_init__(self) -> None:
        if self.index >= self.hosts:
            raise ValueError(
                f"index: {self.index} is not among {self.hosts} hosts"
            )


class VlanSend(base.Request, frozen=True, kw_only=True):
    """Send ``rounds`` frames on each of the VLANs, ``rate`` per second.

    With ``untagged`` frames without a tag as well. The agent may be
    configured to send more slowly.
    """

    interface: base.DeviceName
    run: Run
    index: Index
    vlans: Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)]
    untagged: bool = True
    rounds: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    rate: Annotated[int, msgspec.Meta(ge=10, le=10_000)] = 1000

    @property
    def ids(self) -> tuple[int, ...]:
        """The VLANs of one round; 0 stands for a frame without a tag."""
        untagged = (0,) if self.untagged else ()
        return untagged + vlan_range.parse(self.vlans)

    @property
    def summary(self) -> str:
        """On how many VLANs frames are sent."""
        return f"{len(self.ids)} VLANs on {self.interface}"

    def __post_init__(self) -> None:
        try:
            frames = len(self.ids) * self.rounds
        except ValueError as error:
            raise ValueError(f"vlans: {error}") from None
        if frames > MAX_FRAMES:
            raise ValueError(
                f"rounds: {frames} frames in all, at most {MAX_FRAMES} are "
                f"allowed"
            )
        if frames / self.rate > MAX_VLAN_SECONDS:
            raise ValueError(
                f"rate: {frames} frames would take "
                f"{frames / self.rate:.0f} s, at most "
                f"{MAX_VLAN_SECONDS:.0f} s are allowed"
            )


class VlanHeard(base.Request, frozen=True, kw_only=True):
    """End the listening of a run and tell what was heard."""

    run: Run
