# SPDX-License-Identifier: Apache-2.0
"""Counting what became of each packet of a probe."""

import array
import math

import msgspec

from steth.agent.probe import failure as failure_module
from steth.model import probe

_MILLISECOND = 1e6

#: What became of a packet so far; ``_REFUSED`` by the sender's kernel,
#: ``_REPORTED`` by an ICMP error that came back.
_UNSENT = 0
_SENT = 1
_ANSWERED = 2
_REFUSED = 3
_REPORTED = 4


class TargetTally(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the packets to one target; times in milliseconds.

    ``failure`` is that of the last packet without an answer.
    """

    sent: int
    received: int
    duplicates: int = 0
    rtt_min: float | None = None
    rtt_avg: float | None = None
    rtt_max: float | None = None
    rtt_stddev: float | None = None
    failure: failure_module.Failure | None = None


class ProbeTally(msgspec.Struct, frozen=True, kw_only=True):
    """All that a probe counted, in the order of its targets.

    ``lost`` is how many packets the prober's own receive buffers dropped.
    """

    targets: tuple[TargetTally, ...]
    lost: int = 0
    sightings: tuple[probe.Sighting, ...] = ()
    lost_by_watch: int = 0
    duration: float


class Tally:
    """The account of one probe.

    A packet is known by its number among all of them: that of its round
    times the number of targets plus its target's index.
    """

    def __init__(self, targets: int, count: int) -> None:
        self._targets = targets
        self._count = count
        total = targets * count
        self._states = bytearray(total)
        self._sent_wall = array.array("q", bytes(8 * total))
        self._sent_clock = array.array("q", bytes(8 * total))
        self._failures: dict[int, failure_module.Failure] = {}
        self._sent = [0] * targets
        self._received = [0] * targets
        self._duplicates = [0] * targets
        # Exact in integers of nanoseconds.
        self._sum = [0] * targets
        self._squares = [0] * targets
        self._least = [0] * targets
        self._most = [0] * targets
        #: How many packets are on their way.
        self.pending = 0

    def sent(self, packet: int, wall: int, clock: int) -> None:
        """Note that a packet left.

        :param wall: nanoseconds of the clock that stamps received packets
        :param clock: nanoseconds of a clock that is never set
        """
        self._states[packet] = _SENT
        self._sent_wall[packet] = wall
        self._sent_clock[packet] = clock
        self._sent[packet % self._targets] += 1
        self.pending += 1

    def not_sent(self, packet: int, failure: failure_module.Failure) -> None:
        """Note that the kernel refused to send a packet."""
        self._states[packet] = _REFUSED
        self._failures[packet] = failure

    def answered(self, index: int, number: int, wall: int, clock: int) -> bool:
        """Note an answer to the packet of a number to a target.

        :param wall: when the kernel received it
        :param clock: now, by the clock that is never set
        :returns: whether there was such a packet
        """
        if index >= self._targets or number >= self._count:
            return False
        packet = number * self._targets + index
        state = self._states[packet]
        if state in {_UNSENT, _REFUSED}:
            return False
        if state == _ANSWERED:
            self._duplicates[index] += 1
            return True
        if state == _SENT:
            self.pending -= 1
        self._states[packet] = _ANSWERED
        elapsed = wall - self._sent_wall[packet]
        ceiling = clock - self._sent_clock[packet]
        if not 0 <= elapsed <= ceiling:
            # The wall clock was set in between.
            elapsed = ceiling
        if self._received[index] == 0 or elapsed < self._least[index]:
            self._least[index] = elapsed
        self._most[index] = max(self._most[index], elapsed)
        self._received[index] += 1
        self._sum[index] += elapsed
        self._squares[index] += elapsed * elapsed
        return True

    def reported(self, packet: int, failure: failure_module.Failure) -> None:
        """Note an ICMP error about a packet."""
        if self._states[packet] == _SENT:
            self._states[packet] = _REPORTED
            self._failures[packet] = failure
            self.pending -= 1

    def results(self) -> tuple[TargetTally, ...]:
        """Return the account of each target."""
        return tuple(self._result(index) for index in range(self._targets))

    def _result(self, index: int) -> TargetTally:
        received = self._received[index]
        failure = self._last_failure(index)
        if not received:
            return TargetTally(
                sent=self._sent[index], received=0, failure=failure
            )
        mean = self._sum[index] / received
        # n squared times the variance: exact, and so never negative.
        spread = received * self._squares[index] - self._sum[index] ** 2
        return TargetTally(
            sent=self._sent[index],
            received=received,
            duplicates=self._duplicates[index],
            rtt_min=self._least[index] / _MILLISECOND,
            rtt_avg=mean / _MILLISECOND,
            rtt_max=self._most[index] / _MILLISECOND,
            rtt_stddev=math.sqrt(spread) / received / _MILLISECOND,
            failure=failure,
        )

    def _last_failure(self, index: int) -> failure_module.Failure | None:
        for number in reversed(range(self._count)):
            packet = number * self._targets + index
            state = self._states[packet]
            if state in {_SENT, _REFUSED, _REPORTED}:
                return self._failures.get(packet, failure_module.SILENCE)
        return None
