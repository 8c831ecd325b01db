# SPDX-License-Identifier: Apache-2.0
"""``inspect.lldp``: the switch ports that this host is plugged into.

They are what lldpd hears, read with lldpcli(8). lldpd forgets a neighbour at
once when the carrier is lost, which is when an operator asks for it; so the
agent remembers what it has seen.
"""

from collections.abc import Callable
from collections.abc import Iterator
import json
import os
import pathlib
import shutil
import stat
import subprocess
import threading
import time
from typing import Any

import msgspec
from oslo_log import log

from steth.agent import programs
from steth.model import lldp

LOG = log.getLogger(__name__)

#: Where distributions have lldpd's socket.
SOCKETS = tuple(
    pathlib.Path(one)
    for one in ("/run/lldpd.socket", "/run/lldpd/lldpd.socket")
)
_ARGUMENTS = ("-f", "json0", "show", "neighbors")
#: Seconds between two looks, and that lldpcli may take.
_INTERVAL = 60.0
_TIMEOUT = 3.0
#: Of a host with many representors, not all are remembered.
_MOST = 1024
_LONGEST = 255


class UnavailableError(Exception):
    """Why lldpd tells nothing."""


def read() -> tuple[lldp.LldpNeighbour, ...]:
    """Return the neighbours that lldpd hears now.

    :raises UnavailableError: saying what is missing
    """
    path = shutil.which("lldpcli", os.F_OK, programs.PATH)
    if path is None:
        raise UnavailableError("lldpd is not installed")
    socket = next((one for one in SOCKETS if one.is_socket()), None)
    if socket is None:
        raise UnavailableError("lldpd does not run")
    process = programs.start(
        path, *_ARGUMENTS, groups=_groups(socket, pathlib.Path(path))
    )
    try:
        out, said = process.communicate(timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"lldpcli did not answer within {_TIMEOUT:.0f} s"
        ) from None
    finally:
        programs.end(process)
    if process.returncode:
        raise UnavailableError(_why(said.decode(errors="replace"), socket))
    return parse(out)


def _groups(*files: pathlib.Path) -> tuple[int, ...]:
    """Return the groups that may use files which not everybody may."""
    found = [one.stat() for one in files]
    return tuple(one.st_gid for one in found if not one.st_mode & stat.S_IXOTH)


def _why(said: str, socket: pathlib.Path) -> str:
    if "permission denied" in said.lower():
        return (
            f"the agent may not ask lldpd: its user has to be in the groups "
            f"of {socket} and lldpcli"
        )
    lines = said.strip().splitlines()
    return f"lldpcli failed: {lines[-1] if lines else 'it says nothing'}"


def parse(out: bytes) -> tuple[lldp.LldpNeighbour, ...]:
    """Return the neighbours in what lldpcli prints with ``-f json0``.

    :raises UnavailableError: when it is not understood
    """
    try:
        return tuple(_neighbours(json.loads(out)))[:_MOST]
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise UnavailableError(
            f"the output of lldpcli is not understood ({error!r})"
        ) from None


def _neighbours(told: Any) -> Iterator[lldp.LldpNeighbour]:
    for part in told["lldp"]:
        for one in part.get("interface", ()):
            chassis = one["chassis"][0]
            port = one["port"][0]
            identity = port["id"][0]
            system = _value(chassis, "name") or _value(chassis, "mgmt-ip")
            name = identity["value"]
            if identity["type"] != "ifname":
                # A MAC address or a number of the switch's own.
                name = _value(port, "descr") or name
            yield lldp.LldpNeighbour(
                device=one["name"][:_LONGEST],
                system=(system or _value(chassis, "id"))[:_LONGEST],
                port=name[:_LONGEST],
            )


def _value(told: dict[str, Any], key: str) -> str:
    return str(told[key][0]["value"]) if told.get(key) else ""


class Neighbours:
    """The neighbours of this host, now and before.

    :param reader: returns those of now, see :func:`read`
    :param clock: a clock that only goes forward, in seconds
    """

    def __init__(
        self,
        reader: Callable[[], tuple[lldp.LldpNeighbour, ...]] = read,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = reader
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, lldp.LldpNeighbour]] = {}

    def watch(self, cancelled: threading.Event) -> None:
        """Look now and then, in a thread of its own.

        :param cancelled: ends it
        """

        def look() -> None:
            while not cancelled.is_set():
                self.report()
                cancelled.wait(_INTERVAL)

        threading.Thread(target=look, name="lldp", daemon=True).start()

    def report(self) -> lldp.LldpReport:
        """Return what is heard now, and what was heard of silent devices."""
        with self._lock:
            unavailable = None
            now: tuple[lldp.LldpNeighbour, ...] = ()
            try:
                now = self._read()
            except UnavailableError as error:
                unavailable = str(error)
            except OSError as error:
                unavailable = f"cannot run lldpcli: {error}"
            if unavailable is not None:
                LOG.debug("No LLDP neighbours: %s", unavailable)
            for one in now:
                if one.device in self._seen or len(self._seen) < _MOST:
                    self._seen[one.device] = self._clock(), one
            heard = {one.device for one in now}
            before = tuple(
                msgspec.structs.replace(
                    one, gone_for=round(self._clock() - when, 1)
                )
                for device, (when, one) in self._seen.items()
                if device not in heard
            )
        return lldp.LldpReport(
            neighbours=now + before, unavailable=unavailable
        )
