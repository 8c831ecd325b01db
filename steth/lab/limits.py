# SPDX-License-Identifier: Apache-2.0
"""Kernel limits that all network namespaces of a machine share.

They suit one host: the neighbour table counts the entries of all namespaces
together, and packets that cross a veth wait in one queue per processor. A
full mesh of 50 hosts overruns both, and would look like a broken network.
"""

from collections.abc import Iterator
import contextlib
import fcntl
import os
import pathlib

import msgspec

from steth.lab import errors
from steth.lab import layout

#: What a switch in user space may have waiting at each port, in bytes: all
#: hosts may send a frame on each VLAN while it learns where they are.
_PORT_BUFFER = 8 << 20

_SYS = pathlib.Path("/proc/sys")
#: All labs of the machine share the limits, so they share what is known of
#: them: which of them is the last to go, nobody knows before.
_REGISTER = pathlib.Path("/run/steth-lab-limits.json")


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


class _Raised(msgspec.Struct, kw_only=True):
    """A limit that labs raised: what it was before, and what they set."""

    before: int
    set_to: list[int]


class _Register(msgspec.Struct, kw_only=True):
    """What is raised on this machine, and the files of the labs it is for."""

    labs: list[str] = []
    limits: dict[str, _Raised] = {}


def raise_limits(lab: pathlib.Path, hosts: int, *, trunk: bool) -> None:
    """Raise what is too low, for as long as there is a lab that needs it.

    A container does not have them: nothing is done there.

    :param lab: a file that is there as long as the lab is, up or not
    :raises errors.LabError: when one cannot be raised
    """
    low = {}
    for name, least in needed(hosts, trunk=trunk).items():
        file = _SYS / name
        if file.exists() and int(file.read_text()) < least:
            low[name] = least
    with _registered() as register:
        # By every lab, also one for which another has raised them already.
        if str(lab) not in register.labs:
            register.labs.append(str(lab))
        for name, least in low.items():
            now = int((_SYS / name).read_text())
            known = register.limits.setdefault(
                name, _Raised(before=now, set_to=[])
            )
            if now not in known.set_to:
                # Not set by a lab: that is what it has to be again.
                known.before = now
            known.set_to.append(least)
        # Written before they are set: a kill in between does no harm.
        _save(register)
        for name, least in low.items():
            _write(_SYS / name, least)


def release(lab: pathlib.Path) -> None:
    """Set back what labs raised, once this was the last one.

    What somebody else has set since is left as it is.

    :param lab: the file that it was raised for
    """
    with _registered() as register:
        register.labs = [
            one
            for one in register.labs
            if one != str(lab) and pathlib.Path(one).exists()
        ]
        if not register.labs:
            for name, one in register.limits.items():
                file = _SYS / name
                if file.exists() and int(file.read_text()) in one.set_to:
                    _write(file, one.before)
            register.limits = {}
        _save(register)


@contextlib.contextmanager
def _registered() -> Iterator[_Register]:
    """Hold the machine's register, which ends with its boot, as they do."""
    descriptor = _locked()
    try:
        text = _REGISTER.read_bytes()
        try:
            yield msgspec.json.decode(text or b"{}", type=_Register)
        except msgspec.DecodeError as error:
            raise errors.LabError(
                f"{_REGISTER} is damaged ({error}): remove it, and look at "
                f"the limits in 'sysctl net.core net.ipv4.neigh.default'"
            ) from None
    finally:
        os.close(descriptor)


def _locked() -> int:
    while True:
        descriptor = os.open(_REGISTER, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Who held it before may have removed it.
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)


def _save(register: _Register) -> None:
    if register.labs:
        _REGISTER.write_bytes(msgspec.json.encode(register))
    else:
        _REGISTER.unlink(missing_ok=True)


def _write(file: pathlib.Path, value: int) -> None:
    try:
        file.write_text(str(value))
    except OSError as error:
        raise errors.LabError(
            f"cannot set {file} to {value}, which a lab of this size needs: "
            f"{error.strerror}; take fewer hosts"
        ) from None
