# SPDX-License-Identifier: Apache-2.0
"""Who sends to whom in which round.

A round is a list of (sender, receiver). In a tournament no host is in two
tests of a round, so that tests do not take capacity from each other at the
hosts; in a simultaneous round every host sends and receives at once, so that
they do in the network.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import itertools

Round = list[tuple[str, str]]


def tournament(hosts: Sequence[str], most: int) -> list[Round]:
    """Return rounds in which no host is in two tests.

    After len(hosts) - 1 rounds (one more for an odd number of hosts) every
    two hosts have met; as many more let each pair meet the other way round.

    :param most: how many rounds there may be
    """
    once = list(_circle(hosts))
    back = [[(far, near) for near, far in one] for one in once]
    return [*once, *back][:most]


def _circle(hosts: Sequence[str]) -> Iterator[Round]:
    """Yield the rounds of a round-robin tournament by the circle method.

    One player keeps its seat while the others move on by one. Who sends
    changes with the table, at the first one with the round: everybody sends
    about as often as he receives.
    """
    if len(hosts) < 2:
        return
    # Who meets nobody has a rest.
    seats: list[str | None] = [*([None] * (len(hosts) % 2)), *hosts]
    for number in range(len(seats) - 1):
        tables = zip(
            seats[: len(seats) // 2],
            reversed(seats[len(seats) // 2 :]),
            strict=True,
        )
        chosen: Round = []
        for table, (one, other) in enumerate(tables):
            if one is None or other is None:
                continue
            swapped = (number if table == 0 else table) % 2
            chosen.append((other, one) if swapped else (one, other))
        yield chosen
        seats = [seats[0], seats[-1], *seats[1:-1]]


def simultaneous(hosts: Sequence[str], most: int) -> list[Round]:
    """Return rounds in which every host sends to one and hears from one.

    The first one goes half-way round, since hosts that are next to each
    other by name are often on the same switch.

    :param most: how many rounds there may be
    """
    count = len(hosts)
    half = count // 2
    shifts = sorted(range(1, count), key=lambda shift: abs(shift - half))
    return [
        [
            (host, hosts[(index + shift) % count])
            for index, host in enumerate(hosts)
        ]
        for shift in itertools.islice(shifts, most)
    ]
