# SPDX-License-Identifier: Apache-2.0
"""What hosts heard of each other's frames on the VLANs of a trunk.

VLAN ids are ranges in text, ``100-200,300``, empty for none. Hosts are named
by their index in the run.
"""

import msgspec


class VlanListening(msgspec.Struct, frozen=True, kw_only=True):
    """The host listens, for so many seconds unless it is told to end."""

    seconds: float


class VlanSent(msgspec.Struct, frozen=True, kw_only=True):
    """Frames that left; ``refused`` is how many the kernel did not take.

    ``reason`` says why it did not take the last of these, or not in time.
    """

    sent: int
    refused: int = 0
    reason: str | None = None
    duration: float


class HeardFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What arrived from one host on the VLAN that it was sent on.

    ``untagged`` says that its frames without a tag arrived without one.
    """

    sender: int
    vlans: str = ""
    untagged: bool = False


class Astray(msgspec.Struct, frozen=True, kw_only=True):
    """Frames of one host that arrived on another VLAN than they were sent on.

    ``sent_on`` are the VLANs in their tags, ``sent_untagged`` says that ones
    without a tag are among them; ``arrived_on`` is 0 for no tag.
    """

    sender: int
    sent_on: str = ""
    sent_untagged: bool = False
    arrived_on: int


class VlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that a host heard in a run.

    ``own`` are the VLANs on which its own frames came back. ``lost`` counts
    frames that arrived and that the listener could not keep up with: with
    any, an absent frame proves nothing.
    """

    heard: tuple[HeardFrom, ...] = ()
    astray: tuple[Astray, ...] = ()
    own: str = ""
    own_untagged: bool = False
    frames: int = 0
    lost: int = 0
