# SPDX-License-Identifier: Apache-2.0
"""The kernel's bonds, from /proc/net/bonding.

See the kernel's Documentation/networking/bonding. rtnetlink tells the state
of a member too, but not how often it failed.
"""

import contextlib
import pathlib

from steth.model import node

_ROOT = pathlib.Path("/proc/net/bonding")


def read(root: pathlib.Path = _ROOT) -> tuple[node.Bond, ...]:
    """Return the bonds of the host's own namespace, by name."""
    found = []
    # Absent without the module; or a bond is removed while we look.
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(root.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                found.append(_decode(path.name, path.read_text("utf-8")))
    return tuple(found)


def _decode(name: str, text: str) -> node.Bond:
    """Read the bond's own part, then a part for each member."""
    head, *parts = text.split("Slave Interface: ")
    return node.Bond(
        name=name,
        mode=_fields(head).get("Bonding Mode", "unknown"),
        members=tuple(_member(part) for part in parts),
    )


def _member(part: str) -> node.BondMember:
    name, _, rest = part.partition("\n")
    fields = _fields(rest)
    aggregator = fields.get("Aggregator ID", "")
    failures = fields.get("Link Failure Count", "")
    return node.BondMember(
        name=name.strip(),
        up=fields.get("MII Status") == "up",
        failures=int(failures) if failures.isdecimal() else 0,
        aggregator=int(aggregator) if aggregator.isdecimal() else None,
    )


def _fields(text: str) -> dict[str, str]:
    """Return "name: value" lines; the first of a name counts."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator:
            fields.setdefault(name.strip(), value.strip())
    return fields
