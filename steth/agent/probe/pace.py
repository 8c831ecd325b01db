# SPDX-License-Identifier: Apache-2.0
"""When each packet of a probe may leave."""

#: How far behind its schedule a probe may be and still catch up, in
#: nanoseconds; what is more shifts the rest, so that no burst follows a stall.
_CATCH_UP = 20_000_000

_NANOSECONDS = 1_000_000_000


class Pace:
    """One packet after another, evenly, as fping does it.

    The packets are numbered through all targets: first one to each of them,
    then the next. Two packets to one target are never closer than the
    interval. All times are in nanoseconds of one monotonic clock.

    :param targets: how many targets there are
    :param count: packets for each target
    :param interval: seconds between two packets to a target
    :param max_rate: packets per second in all
    """

    def __init__(
        self, targets: int, count: int, interval: float, max_rate: int
    ) -> None:
        self.gap = max(
            _NANOSECONDS // max_rate, round(interval * _NANOSECONDS / targets)
        )
        self.total = targets * count
        self.next = 0
        self._start = 0

    @property
    def seconds(self) -> float:
        """How long sending takes from the first packet to the last."""
        return self.gap * (self.total - 1) / _NANOSECONDS

    @property
    def done(self) -> bool:
        """Whether every packet was let go."""
        return self.next >= self.total

    def begin(self, now: int) -> None:
        """Let the first packet go at this time."""
        self._start = now

    def due_at(self) -> int:
        """Return when the next packet may leave."""
        return self._start + self.next * self.gap

    def take(self, now: int) -> range:
        """Return the numbers of the packets that may leave now."""
        late = now - self.due_at()
        if late < 0 or self.done:
            return range(0)
        if late > _CATCH_UP:
            self._start += late - _CATCH_UP
            late = _CATCH_UP
        first = self.next
        self.next = min(self.total, first + 1 + late // self.gap)
        return range(first, self.next)
