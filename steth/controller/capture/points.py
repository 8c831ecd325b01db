# SPDX-License-Identifier: Apache-2.0
"""Where to capture, as a user writes it."""

import re

import msgspec

from steth.rpc import requests

_FORM = re.compile(r"([^:@\s]+):([^@\s]+)(?:@(\S+))?")


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A device on a host, in a named network namespace or the host's own."""

    host: str
    device: str
    netns: str | None = None

    @property
    def name(self) -> str:
        """The point as it is written, ``compute1:eth1@qrouter-…``."""
        return f"{self.host}:{self.device}" + (
            f"@{self.netns}" if self.netns else ""
        )

    @property
    def request(self) -> requests.CapturePoint:
        """What the host's agent is asked for."""
        return requests.CapturePoint(device=self.device, netns=self.netns)


def parse(text: str) -> Point:
    """Return the point that is meant by ``host:interface[@netns]``.

    :raises ValueError: saying what is wrong with it
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{text!r} is not a point: write <host>:<interface>, or "
            "<host>:<interface>@<netns>"
        )
    host, device, netns = found.groups()
    try:
        msgspec.convert(
            {"device": device, "netns": netns}, requests.CapturePoint
        )
    except msgspec.ValidationError as error:
        raise ValueError(f"{text!r} is not a point: {error}") from None
    return Point(host=host, device=device, netns=netns)
