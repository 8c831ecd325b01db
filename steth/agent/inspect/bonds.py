# SPDX-License-Identifier: Apache-2.0
"""The kernel's bonds, from /proc/net/bonding.

See the kernel's Documentation/networking/bonding. rtnetlink tells the state
of a member too, but not how often it failed. What a member knows of LACP is
in sysfs, where it can be read without privileges.
"""

import contextlib
import pathlib

from steth.model import node

_ROOT = pathlib.Path("/proc/net/bonding")
_DEVICES = pathlib.Path("/sys/class/net")

#: Bits of a port's state (IEEE 802.1AX, LACPDU): the partner's part is made
#: up, since nothing was heard of it; or nothing has been heard for too long.
_DEFAULTED = 0x40
_EXPIRED = 0x80


def read(
    root: pathlib.Path = _ROOT, devices: pathlib.Path = _DEVICES
) -> tuple[node.Bond, ...]:
    """Return the bonds of the host's own namespace, by name."""
    found = []
    # Absent without the module; or a bond is removed while we look.
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(root.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                found.append(
                    _decode(path.name, path.read_text("utf-8"), devices)
                )
    return tuple(found)


def _decode(name: str, text: str, devices: pathlib.Path) -> node.Bond:
    """Read the bond's own part, then a part for each member."""
    head, *parts = text.split("Slave Interface: ")
    return node.Bond(
        name=name,
        mode=_fields(head).get("Bonding Mode", "unknown"),
        members=tuple(_member(part, devices) for part in parts),
    )


def _member(part: str, devices: pathlib.Path) -> node.BondMember:
    name, _, rest = part.partition("\n")
    fields = _fields(rest)
    aggregator = fields.get("Aggregator ID", "")
    failures = fields.get("Link Failure Count", "")
    churn = [
        fields[f"{side} Churn State"]
        for side in ("Actor", "Partner")
        if f"{side} Churn State" in fields
    ]
    return node.BondMember(
        name=name.strip(),
        up=fields.get("MII Status") == "up",
        failures=int(failures) if failures.isdecimal() else 0,
        aggregator=int(aggregator) if aggregator.isdecimal() else None,
        partner=_partner(devices / name.strip() / "bonding_slave"),
        churned="churned" in churn if churn else None,
    )


def _partner(directory: pathlib.Path) -> bool | None:
    try:
        state = int((directory / "ad_actor_oper_port_state").read_text())
    except (OSError, ValueError):
        # Not a bond that speaks LACP, or a kernel before 3.19.
        return None
    return not state & (_DEFAULTED | _EXPIRED)


def _fields(text: str) -> dict[str, str]:
    """Return "name: value" lines; the first of a name counts."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator:
            fields.setdefault(name.strip(), value.strip())
    return fields
