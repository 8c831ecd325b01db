# SPDX-License-Identifier: Apache-2.0
"""Which switch ports a host's devices are plugged into."""

import msgspec


class LldpNeighbour(msgspec.Struct, frozen=True, kw_only=True):
    """What the other end of a device's cable says of itself.

    ``system`` is the switch's name, else its address; ``port`` is the port
    as the switch calls it. ``gone_for`` is None while the neighbour is
    heard; else it is how many seconds ago it was last seen, at least.
    """

    device: str
    system: str
    port: str
    gone_for: float | None = None


class LldpReport(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to ``inspect.lldp``.

    ``unavailable`` says why nothing can be read now, such as that lldpd is
    not installed. What was read before is told all the same.
    """

    neighbours: tuple[LldpNeighbour, ...] = ()
    unavailable: str | None = None
