# SPDX-License-Identifier: Apache-2.0
"""How tcpdump is called, and what it says.

After tcpdump(1) of 4.99; what is read of its messages has been the same for
two decades.
"""

import re

from steth.model import capture
from steth.rpc import requests

PROGRAM = "tcpdump"

#: The kernel's memory for the packets of a capture, all its points together,
#: and the least for a point, in KiB. With all of it at one point, 50,000
#: packets a second have to wait for several seconds until one is lost.
_BUFFERS = 65_536
_BUFFER = 4_096

_LISTENING = re.compile(r"^(?:tcpdump: )?listening on (\S+), ", re.MULTILINE)
_COUNTS = {
    "received": re.compile(r"^(\d+) packets? received by filter$", re.M),
    "dropped": re.compile(r"^(\d+) packets? dropped by kernel$", re.M),
    "interface_dropped": re.compile(
        r"^(\d+) packets? dropped by interface$", re.M
    ),
}
#: What it says at any time, and what is no fault.
_USUAL = re.compile(
    r"(?:tcpdump: )?listening on .*"
    r"|\d+ packets? (?:captured|received by filter|dropped by \w+)"
    r"|tcpdump: data link type .*"
    # A pseudo-device has no mode in which it could hear more.
    r"|tcpdump: WARNING: any: .*promiscuous.*"
    # The same as on the line before, in the words of libpcap.
    r"|\(.*\)"
)


def arguments(
    point: requests.CapturePoint, request: requests.CaptureStart
) -> list[str]:
    """Return tcpdump's arguments for a point."""
    buffer = max(_BUFFER, _BUFFERS // len(request.points))
    argv = ["-i", point.device, "-n", "-w", "-", "-B", str(buffer)]
    argv += ["-s", str(request.snaplen), "--time-stamp-precision=nano"]
    if request.packets is not None:
        argv += ["-c", str(request.packets)]
    # One argument behind the end of the options: a filter and nothing else.
    return [*argv, "--", request.filter] if request.filter else argv


def listening_on(said: str) -> str | None:
    """Return the device that it listens on, ``None`` as long as it does not.

    :param said: its error output so far
    """
    found = _LISTENING.search(said)
    return found.group(1) if found else None


def counts(said: str) -> capture.Kernel | None:
    """Return what it has counted, ``None`` unless it has ended well.

    :param said: its whole error output
    """
    found = {
        name: int(match.group(1))
        for name, pattern in _COUNTS.items()
        if (match := pattern.search(said))
    }
    if "received" not in found or "dropped" not in found:
        return None
    return capture.Kernel(**found)


def complaint(said: str) -> str | None:
    """Return what it complains of, in its own words, on one line."""
    lines = [
        line.strip().removeprefix("tcpdump: ")
        for line in said.splitlines()
        if line.strip() and not _USUAL.fullmatch(line.strip())
    ]
    return "; ".join(dict.fromkeys(lines)) or None
