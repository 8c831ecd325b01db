# SPDX-License-Identifier: Apache-2.0
"""The fewest hosts that explain the tests that fell short.

A host explains them when nearly all of its tests fell short, with several
others: all, or all in which it sends, or all in which it receives. What no
host explains lies between the hosts.
"""

from collections.abc import Collection
from collections.abc import Iterable
import enum

import msgspec

from steth.checks.mesh import cause

#: A host explains its tests when so large a share of them fell short.
_SHARE = 0.8


class Role(enum.StrEnum):
    """What a host does in the tests that fell short."""

    BOTH = "both"
    SENDER = "sender"
    RECEIVER = "receiver"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Tests that fell short together.

    ``host`` is the one that is slow with everyone, ``None`` where it is the
    path: of all hosts when ``everywhere``, else of these pairs.
    """

    pairs: frozenset[cause.Pair]
    host: str | None = None
    role: Role = Role.BOTH
    everywhere: bool = False


def explanations(
    tested: Collection[cause.Pair], short: Collection[cause.Pair]
) -> list[Explanation]:
    """Explain the tests of one network that fell short.

    :param tested: all pairs that were measured
    :param short: those of them that fell short
    """
    left, rest = set(tested), set(short)
    hosts = {host for pair in tested for host in pair[1:]}
    found: list[Explanation] = []
    while rest:
        best = _best(left, rest, hosts)
        if best is None:
            break
        found.append(best)
        of_best = _tests_of(best.host or "", best.role, left)
        left -= of_best
        rest -= of_best
    if rest:
        found.append(Explanation(pairs=frozenset(rest)))
    if _is_everywhere(len(short), len(tested), len(found), len(hosts)):
        return [Explanation(pairs=frozenset(short), everywhere=True)]
    return found


def _is_everywhere(short: int, tested: int, found: int, hosts: int) -> bool:
    """Tell whether it is rather what all hosts have in common.

    It is when everything fell short, and when nearly everything did and as
    good as all hosts would have to be slow.
    """
    if not short:
        return False
    return short == tested or (short >= _SHARE * tested and found >= hosts - 1)


def _best(
    left: set[cause.Pair], rest: set[cause.Pair], hosts: Iterable[str]
) -> Explanation | None:
    """Return what explains most, rather a host than one of its roles."""
    candidates = []
    for host in sorted(hosts):
        for role in Role:
            tests = _tests_of(host, role, left)
            mine = tests & rest
            peers = {one for pair in mine for one in pair[1:]} - {host}
            if len(peers) > 1 and len(mine) >= _SHARE * len(tests):
                candidates.append(
                    Explanation(pairs=frozenset(mine), host=host, role=role)
                )
    return max(candidates, key=lambda one: len(one.pairs), default=None)


def _tests_of(
    host: str, role: Role, pairs: Iterable[cause.Pair]
) -> set[cause.Pair]:
    return {
        pair
        for pair in pairs
        if (role is not Role.RECEIVER and pair.source == host)
        or (role is not Role.SENDER and pair.target == host)
    }
