# SPDX-License-Identifier: Apache-2.0
"""Faults of multicast."""

from steth.lab import faults
from steth.lab.catalogue import steps

#: What Ethernet carries IPv4 groups in (RFC 1112); broadcasts pass.
_GROUP = "ether daddr 01:00:5e:00:00:00-01:00:5e:7f:ff:ff drop"


def _fault(
    name: str, summary: str, finding: str, *done: faults.Step
) -> faults.Fault:
    return faults.Fault(
        name=name,
        summary=summary,
        finding=finding,
        check="multicast",
        steps=done,
    )


FAULTS = (
    _fault(
        "multicast-dropped",
        "the switch passes no multicast to the host",
        "underlay-multicast-blocked",
        steps.switch("forward", f'oifname "{{port}}" {_GROUP}'),
    ),
    _fault(
        "multicast-not-sent",
        "the switch drops the multicast of the host",
        "underlay-multicast-blocked",
        steps.switch("forward", f'iifname "{{port}}" {_GROUP}'),
    ),
    _fault(
        "multicast-nowhere",
        "the switch passes no multicast on the network",
        "underlay-multicast-silent",
        steps.switch("forward", "ip saddr {subnet} ip daddr 239.0.0.0/8 drop"),
    ),
    _fault(
        "multicast-filtered",
        "the host's firewall drops the multicast that comes in",
        "host-multicast-filtered",
        steps.firewall(
            "input", 'iifname "{nic}" ip daddr 239.255.0.0/16 drop'
        ),
    ),
)
