# SPDX-License-Identifier: Apache-2.0
"""Arguments of the operations that read."""

from steth.rpc.requests import base


class InspectAgent(base.Request, frozen=True, kw_only=True):
    """``inspect.agent`` takes nothing."""


class InspectNode(base.Request, frozen=True, kw_only=True):
    """``inspect.node`` takes nothing."""


class InspectHost(base.Request, frozen=True, kw_only=True):
    """What to read of a host.

    ``all_namespaces``: the named network namespaces too, not only the
    host's own.
    """

    all_namespaces: bool = True
