# SPDX-License-Identifier: Apache-2.0
"""Kernel limits that all network namespaces of a machine share.

They suit one host: the neighbour table counts the entries of all namespaces
together, and packets that cross a veth wait in one queue per processor. A
full mesh of 50 hosts overruns both, and would look like a broken network.
"""

import pathlib

from steth.lab import errors
from steth.lab import layout

#: What a switch in user space may have waiting at each port, in bytes: all
#: hosts may send a frame on each VLAN while it learns where they are.
_PORT_BUFFER = 8 << 20

_SYS = pathlib.Path("/proc/sys")


def needed(hosts: int, *, trunk: bool) -> dict[str, int]:
    """Return the least value of each limit for a lab of so many hosts.

    Each host knows each other on each network; a broadcast is queued once
    for each host, and all hosts may send one at the same time.
    """
    neighbours = hosts * hosts * len(layout.NETWORKS)
    limits = {
        "net/ipv4/neigh/default/gc_thresh2": 2 * neighbours,
        "net/ipv4/neigh/default/gc_thresh3": 4 * neighbours,
        "net/core/netdev_max_backlog": 4 * hosts * hosts,
    }
    if trunk:
        limits["net/core/rmem_default"] = _PORT_BUFFER
    return limits


def raise_limits(hosts: int, *, trunk: bool) -> dict[str, tuple[int, int]]:
    """Raise what is too low; return the value before and after of each.

    A container does not have them: nothing is done there.

    :raises errors.LabError: when one cannot be raised
    """
    raised = {}
    for name, least in needed(hosts, trunk=trunk).items():
        file = _SYS / name
        if file.exists():
            before = int(file.read_text())
            if before < least:
                _write(file, least)
                raised[name] = (before, least)
    return raised


def restore(raised: dict[str, tuple[int, int]]) -> None:
    """Set back what was raised, unless somebody changed it since."""
    for name, (before, after) in raised.items():
        file = _SYS / name
        if file.exists() and int(file.read_text()) == after:
            _write(file, before)


def _write(file: pathlib.Path, value: int) -> None:
    try:
        file.write_text(str(value))
    except OSError as error:
        raise errors.LabError(
            f"cannot set {file} to {value}, which a lab of this size needs: "
            f"{error.strerror}; take fewer hosts"
        ) from None
