# SPDX-License-Identifier: Apache-2.0
"""Hosts that are set to answer no echo request.

Some guides to hardening ask for it. What does not get an answer then says
nothing of the network.
"""

from steth.checks.mesh import segments
from steth.model import finding

#: See the kernel's Documentation/networking/ip-sysctl.
_SETTINGS = {
    4: "net.ipv4.icmp_echo_ignore_all",
    6: "net.ipv6.icmp.echo_ignore_all",
}


def ignored(
    segment: segments.Segment, snapshots: segments.Snapshots
) -> dict[str, finding.Evidence]:
    """Return the members that are set so, with the setting that says it."""
    name = _SETTINGS[segment.family]
    return {
        one.host: finding.Evidence(
            host=one.host,
            source=f"sysctl {name}",
            expected="0",
            observed=value,
        )
        for one in segment.sources
        if (value := snapshots[one.host].root.sysctls.get(name, "0")) != "0"
    }
