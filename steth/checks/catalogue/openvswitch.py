# SPDX-License-Identifier: Apache-2.0
"""Findings that lie in a host's Open vSwitch."""

from steth.checks.catalogue import entry
from steth.model import finding

OVS_BRIDGE_NOT_CREATED = entry.Entry(
    code="ovs-bridge-not-created",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "A bridge is in Open vSwitch's database, and ovs-vswitchd could not "
        "make it. Nothing passes through it."
    ),
    proof=(
        "ovs-vswitchd runs and has given the bridge no datapath id, which it "
        "does as soon as it has made one (ovs-vswitchd.conf.db(5))."
    ),
    remedy=(
        "See what ovs-vswitchd.log says of the bridge. With the datapath "
        "type system it needs the kernel's module openvswitch: modprobe "
        "openvswitch, and have it loaded at boot."
    ),
)
