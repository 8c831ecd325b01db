# SPDX-License-Identifier: Apache-2.0
"""What all requests have in common: types of arguments and their bounds."""

import ipaddress
from typing import Annotated

import msgspec

DeviceName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=15, pattern=r"^[^/\s]+$")
]
NamespaceName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[\w.:@+-]+$")
]
IpAddress = Annotated[str, msgspec.Meta(min_length=2, max_length=45)]


class Request(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The arguments of one operation."""

    @property
    def summary(self) -> str:
        """What it is about, in a few words for people."""
        return ""


def ip_address(
    argument: str, text: str
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address.

    :raises ValueError: naming the argument
    """
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            f"{argument}: {text!r} is not an IP address"
        ) from None
