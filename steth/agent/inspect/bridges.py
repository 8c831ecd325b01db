# SPDX-License-Identifier: Apache-2.0
"""``inspect.bridges``: what forwards on this host, and between what."""

from collections.abc import Sequence
import datetime

from steth.agent.inspect import linux_bridges
from steth.agent.inspect import openvswitch
from steth.agent.inspect import ovsdb
from steth.model import bridge
from steth.rpc import errors


def snapshot(
    host: str, ovsdb_connections: Sequence[str]
) -> bridge.BridgeSnapshot:
    """Return the bridges of this host's own network namespace.

    :param host: this host's name
    :param ovsdb_connections: where Open vSwitch's database may be; that it
        is not there is in the result
    :raises errors.OperationError: ``failed`` when the kernel does not tell
    """
    taken_at = datetime.datetime.now(datetime.UTC)
    try:
        bridges, cut = linux_bridges.read()
    except OSError as error:
        raise errors.OperationError(
            errors.ErrorCode.FAILED, f"cannot read the bridges: {error}"
        ) from error
    truncated = [bridge.BridgeKind.LINUX] if cut else []
    own, reason = None, None
    try:
        found = openvswitch.read(ovsdb_connections)
    except ovsdb.OvsdbError as error:
        reason = str(error)
    else:
        own = found.openvswitch
        bridges = found.bridges + bridges
        if found.truncated:
            truncated.append(bridge.BridgeKind.OPEN_VSWITCH)
    return bridge.BridgeSnapshot(
        host=host,
        taken_at=taken_at.isoformat(timespec="milliseconds"),
        bridges=bridges,
        openvswitch=own,
        reason=reason,
        truncated=tuple(truncated),
    )
