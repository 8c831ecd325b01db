# SPDX-License-Identifier: Apache-2.0
"""Whether a host's Open vSwitch has made what it should."""

from collections.abc import Iterator

from steth.checks import catalogue
from steth.checks.mesh import cause
from steth.model import bridge
from steth.model import finding


def missing(snapshot: bridge.BridgeSnapshot) -> frozenset[str]:
    """Return the bridges that are not there, though ovs-vswitchd runs."""
    if snapshot.openvswitch is None or not snapshot.openvswitch.running:
        return frozenset()
    return frozenset(
        one.name
        for one in snapshot.bridges
        if one.kind is bridge.BridgeKind.OPEN_VSWITCH and not one.datapath_id
    )


def causes(
    host: str, before: bridge.BridgeSnapshot, after: bridge.BridgeSnapshot
) -> Iterator[cause.Cause]:
    """Yield the bridges that were missing, and still are.

    :param before: its bridges at one time
    :param after: its bridges later: one that was just added is not made yet
    """
    for one in after.bridges:
        if one.name in missing(before) & missing(after):
            yield cause.Cause(
                entry=catalogue.OVS_BRIDGE_NOT_CREATED,
                summary=(
                    f"Open vSwitch on {host} could not make the bridge "
                    f"{one.name}"
                ),
                host=host,
                device=one.name,
                evidence=(
                    finding.Evidence(
                        host=host,
                        source="Open vSwitch's database",
                        expected=f"a datapath id of {one.name}, of type "
                        f"{one.datapath}",
                        observed="none",
                    ),
                ),
            )
