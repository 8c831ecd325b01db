# SPDX-License-Identifier: Apache-2.0
"""Trying the cells of the traffic matrix, many at once.

Every try has a deadline of its own, so that all of them take as long as
the slowest. What a try needs is started in the instance: ping(8), and
BusyBox for the rest, no Python.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent import futures
import ipaddress
import pathlib
import subprocess
import time

from steth.lab import namespace
from steth.lab import processes
from steth.lab.cloud.traffic import cell as cell_module

_SCRIPT = pathlib.Path(__file__).with_name("print-lease.sh")
_AT_ONCE = 24
#: Seconds for an answer: a lost SYN is sent again after one.
_PATIENCE = 2.5
_BLOCKED_PATIENCE = 1.2
#: What no tool outlives, on a machine that has much else to do.
_LIMIT = 20.0
# IPv4 and ICMP.
_HEADERS = 28


def attempt(
    cells: Sequence[cell_module.Cell],
    places: Mapping[str, processes.Process],
) -> list[cell_module.Result]:
    """Try cells that are tried on a host or in an instance.

    :param places: the first process of each host and instance, by name
    """
    with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda one: _try(one, places), cells))


def _try(
    cell: cell_module.Cell, places: Mapping[str, processes.Process]
) -> cell_module.Result:
    place = places.get(cell.source)
    if place is None:
        return cell_module.Result(
            cell=cell, passed=False, said=f"{cell.source} does not run"
        )
    began = time.monotonic()
    try:
        done = subprocess.run(
            namespace.inside(place, _command(cell)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired:
        return cell_module.Result(
            cell=cell, passed=False, said=f"no end in {_LIMIT:.0f} s"
        )
    return judge(cell, done, time.monotonic() - began)


def judge(
    cell: cell_module.Cell,
    done: subprocess.CompletedProcess[str],
    took: float,
) -> cell_module.Result:
    """Return whether what a tool printed is what had to come.

    :param took: seconds
    """
    said = (done.stdout if not done.returncode else done.stderr).strip()
    got = done.stdout.strip()
    if cell.kind is cell_module.Kind.BLOCKED:
        passed = done.returncode != 0
        text = "kept out" if passed else f"got in: {got}"
    elif done.returncode:
        passed = False
        text = said.splitlines()[-1] if said else f"nothing in {took:.1f} s"
    elif cell.expected and got != cell.expected:
        passed = False
        text = f"got {got or 'nothing'}, not {cell.expected}"
    else:
        passed = True
        text = f"{took:.2f} s"
    return cell_module.Result(cell=cell, passed=passed, said=text)


def _command(cell: cell_module.Cell) -> list[str]:
    """Return what tries a cell: it exits with 0 where it worked."""
    kind = cell_module.Kind
    match cell.kind:
        case kind.PING | kind.FULL:
            return [*_ping(cell), cell.target]
        case kind.HTTP:
            return _wget(cell.target, _PATIENCE)
        case kind.BLOCKED:
            return _wget(cell.target, _BLOCKED_PATIENCE)
        case kind.LEASE:
            return [
                *("busybox", "udhcpc", "-f", "-q", "-n", "-i", "eth0"),
                *("-t", "3", "-T", "1", "-s", str(_SCRIPT)),
            ]
        case _:
            raise ValueError(f"{cell.name} is not tried on a host")


def _ping(cell: cell_module.Cell) -> Iterable[str]:
    # Until the first reply, or the end of patience.
    yield from ("ping", "-n", "-q", "-i", "0.3", "-c", "1", "-w", "2")
    if cell.kind is cell_module.Kind.FULL:
        yield from ("-M", "do", "-s", str(cell.size - _HEADERS))
    if ipaddress.ip_address(cell.target).version == 6:
        yield "-6"


def _wget(url: str, patience: float) -> list[str]:
    return [
        *("timeout", str(patience)),
        *("busybox", "wget", "-q", "-O", "-", url),
    ]
