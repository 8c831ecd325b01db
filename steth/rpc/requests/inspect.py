# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations that read."""

from typing import Annotated

import msgspec

from steth.rpc.requests import base

MAX_NAMES = 1024

HostName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=253, pattern=r"^[\w.:-]+$")
]


class InspectAgent(base.Request, frozen=True, kw_only=True):
    """``inspect.agent`` takes nothing."""


class InspectLldp(base.Request, frozen=True, kw_only=True):
    """``inspect.lldp`` takes nothing."""


class InspectNode(base.Request, frozen=True, kw_only=True):
    """What to tell of a host besides itself.

    ``names`` are looked up there, which takes 3 seconds at most.
    """

    names: Annotated[
        tuple[HostName, ...], msgspec.Meta(max_length=MAX_NAMES)
    ] = ()


class InspectHost(base.Request, frozen=True, kw_only=True):
    """What to read of a host.

    ``all_namespaces``: the named network namespaces too, not only the
    host's own.
    """

    all_namespaces: bool = True


class InspectInterface(base.Request, frozen=True, kw_only=True):
    """Which interface to tell all about.

    ``netns`` is the name of the network namespace that it is in; ``None`` for
    the host's own.
    """

    interface: base.DeviceName
    netns: base.NamespaceName | None = None


class InspectBridges(base.Request, frozen=True, kw_only=True):
    """``inspect.bridges`` takes nothing."""
