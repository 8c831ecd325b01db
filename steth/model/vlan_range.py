# SPDX-License-Identifier: Apache-2.0
"""VLAN ids as people write them: ``100-200,300``."""

from collections.abc import Iterable
import re

#: IEEE 802.1Q: 0 means no VLAN, 4095 is reserved.
LOWEST = 1
HIGHEST = 4094
EVERY = f"{LOWEST}-{HIGHEST}"

_RANGE = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")


def parse(text: str) -> tuple[int, ...]:
    """Return the VLAN ids of a list of ranges, in ascending order.

    :raises ValueError: naming the range that is wrong, and the way out
    """
    ids: set[int] = set()
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if not found:
            raise ValueError(
                f"{part.strip()!r} is not a range of VLANs: write e.g. "
                f"100-200,300"
            )
        first = int(found[1])
        last = int(found[2] or found[1])
        for one in (first, last):
            if not LOWEST <= one <= HIGHEST:
                raise ValueError(
                    f"VLAN {one} is not between {LOWEST} and {HIGHEST}"
                )
        if last < first:
            raise ValueError(
                f"{part.strip()} is reversed: write {last}-{first}"
            )
        added = set(range(first, last + 1))
        if added & ids:
            raise ValueError(
                f"{part.strip()} overlaps a range before it: VLAN "
                f"{compact(added & ids)} is given twice"
            )
        ids |= added
    return tuple(sorted(ids))


def compact(ids: Iterable[int]) -> str:
    """Return VLAN ids as ranges; empty where there are none."""
    ranges: list[list[int]] = []
    for one in sorted(ids):
        if ranges and one == ranges[-1][1] + 1:
            ranges[-1][1] = one
        else:
            ranges.append([one, one])
    return ",".join(
        str(first) if first == last else f"{first}-{last}"
        for first, last in ranges
    )
